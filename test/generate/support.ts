import { RecordBlock } from '../../src/core/record-block.ts';
import { createGenerator, type GeneratorOptions } from '../../src/generate/generator.ts';
import type { PartitionKey, Payload, RecordKind } from '../../src/generate/kinds.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';

/** A record as a reader would see it. */
export interface Made {
  readonly index: number;
  readonly key: string;
  readonly payload: Buffer;
}

export const ORIGIN_EPOCH_US = 1_764_000_000_123_456;
export const STAMP = {
  runIdHigh: 0x01020304,
  runIdLow: 0x05060708,
  originEpochUs: ORIGIN_EPOCH_US,
};

const uniformKey: PartitionKey = { kind: 'uniform', cardinality: 100, prefix: 'k' };
export const fixedPayload = (bytes: number, compressible = 0): Payload => ({
  kind: 'random',
  size: { kind: 'fixed', bytes },
  compressible,
});

export function kindOf(part: Partial<RecordKind>): RecordKind {
  return { weight: 1, partitionKey: uniformKey, payload: fixedPayload(8), stamp: false, ...part };
}

/** Due times that differ from record to record. */
export const dueUsOf = (index: number) => index * 1000.25;

/** Makes the records of the given numbers, in blocks of `capacity`; producer = number mod 7. */
export function make(
  records: readonly RecordKind[],
  indexes: readonly number[],
  options: Partial<GeneratorOptions> & { readonly capacity?: number } = {},
): Made[] {
  const keys = options.keys ?? new KeyTable();
  const files = records.map(() => null);
  const generator = createGenerator({ records, seed: 42, stamp: STAMP, files, ...options, keys });
  const block = new RecordBlock(options.capacity ?? 64, 0);
  const made: Made[] = [];
  for (let at = 0; at < indexes.length; at += block.capacity) {
    block.clear();
    for (const index of indexes.slice(at, at + block.capacity)) {
      block.index[block.count] = index;
      block.dueUs[block.count] = dueUsOf(index);
      block.producer[block.count] = index % 7;
      block.sequence[block.count] = Math.floor(index / 7);
      block.count++;
    }
    generator.fill(block, 0);
    for (let i = 0; i < block.count; i++) {
      const start = block.payloadStart[i]!;
      const payload = block.payloads.bytes.slice(start, start + block.payloadLength[i]!);
      made.push({
        index: block.index[i]!,
        key: keys.keyText(block.keyId[i]!),
        payload: Buffer.from(payload),
      });
    }
  }
  return made;
}

export const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

/**
 * Whether a chi-square test accepts the counts: within four standard deviations of the statistic's mean, which chance
 * leaves less than once in 10,000. Cells with fewer than 8 expected are joined.
 */
export function chiSquareAccepts(seen: readonly number[], expected: readonly number[]): boolean {
  let statistic = 0;
  let cells = 0;
  let restSeen = 0;
  let restExpected = 0;
  const add = (count: number, mean: number) => {
    statistic += (count - mean) ** 2 / mean;
    cells++;
  };
  expected.forEach((mean, i) => {
    if (mean >= 8) add(seen[i]!, mean);
    else {
      restSeen += seen[i]!;
      restExpected += mean;
    }
  });
  if (restExpected > 0) add(restSeen, restExpected);
  return Math.abs(statistic - (cells - 1)) < 4 * Math.sqrt(2 * cells) && cells > 1;
}

/** Kolmogorov's statistic times √n: above 1.95 with a probability of 0.1 %. */
export function kolmogorov(sample: readonly number[], cumulative: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  let distance = 0;
  sorted.forEach((x, i) => {
    const expected = cumulative(x);
    distance = Math.max(
      distance,
      Math.abs(expected - i / sorted.length),
      Math.abs(expected - (i + 1) / sorted.length),
    );
  });
  return distance * Math.sqrt(sorted.length);
}
