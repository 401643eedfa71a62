import { RANDOM_STREAMS, randomStream, streamUnit53 } from '../core/random.ts';
import type { PartitionKey } from './kinds.ts';
import { zipfDraw } from './zipf.ts';

/** The number of a record's key, 0 … cardinality-1, from the number of the record. */
export type RankDraw = (index: number) => number;

/** Keys that are named by a number. */
export type RankedKey = Exclude<PartitionKey, { kind: 'template' | 'column' }>;

/** How ranks are drawn for a kind of partition key. */
export function rankDraw(key: RankedKey, seed: number): RankDraw {
  const stream = randomStream(seed, RANDOM_STREAMS.partitionKey);
  const unit = (index: number) => streamUnit53(stream, index);
  switch (key.kind) {
    case 'uniform':
      return (index) => Math.floor(unit(index) * key.cardinality);
    case 'sequential':
      return (index) => index % key.cardinality;
    case 'hot': {
      const { share, keys, cardinality } = key;
      return (index) => {
        const u = unit(index);
        return u < share
          ? Math.floor((u / share) * keys)
          : keys + Math.min(cardinality - 1, Math.floor(((u - share) / (1 - share)) * cardinality));
      };
    }
    case 'zipf':
      return zipfDraw(key.cardinality, key.exponent, seed);
  }
}
