/**
 * Planted damage: what the service never does, so that a reader can be shown to find it. In: accepted records on their way
 * into their shards. Out: the same, with some lost, doubled, changed or in each other's place. The producer is told nothing
 * of it, and the audit counted the records before.
 */
import type { Faults } from './faults.ts';
import { ACCEPTED, type PutCall } from './put-call.ts';
import { SPAN_WORDS } from './record-store.ts';
import type { ShardState } from './shard.ts';

/** What was stored of a call, in the order of the spans: one entry for each record in a log. */
export interface Damaged {
  readonly spans: Uint32Array;
  readonly indexes: readonly number[];
  readonly shards: readonly number[];
}

/**
 * Appends the accepted records of a call to their shards, damaged.
 * @param spans places of keys and data, one entry an accepted record, in request order
 */
export function appendDamaged(
  call: PutCall,
  shards: readonly ShardState[],
  spans: Uint32Array,
  faults: Faults,
  nowUs: number,
): Damaged {
  const accepted: number[] = [];
  for (let i = 0; i < call.count; i++) if (call.recordOutcome[i] === ACCEPTED) accepted.push(i);
  const shardOf = (place: number) => call.shard[accepted[place] as number] as number;
  const hits = (kind: Parameters<Faults['hitStored']>[0], place: number) =>
    faults.hitStored(kind, call.operation, shardOf(place), nowUs);
  const stored: { span: Uint32Array; index: number; shard: number }[] = [];
  for (let place = 0; place < accepted.length; place++) {
    const next = nextOfShard(place, accepted.length, shardOf);
    if (next > 0 && hits('swap-order', place)) swap(spans, place, next);
    if (hits('corrupt-byte', place)) corrupt(call.body, spans, place, faults.unit());
    const shard = shards[shardOf(place)] as ShardState;
    // A lost record is told a sequence number all the same: that of the next one.
    call.sequenceIndex[accepted[place] as number] = shard.log.next;
    const copies =
      (hits('drop-after-accept', place) ? 0 : 1) + (hits('duplicate-record', place) ? 1 : 0);
    for (let copy = 0; copy < copies; copy++) {
      const span = spans.slice(place * SPAN_WORDS, (place + 1) * SPAN_WORDS);
      stored.push({ span, index: shard.log.append(stored.length), shard: shard.place.number });
    }
    shard.unstoredRecords += 1 - copies;
  }
  return {
    spans: Uint32Array.from(stored.flatMap(({ span }) => [...span])),
    indexes: stored.map(({ index }) => index),
    shards: stored.map(({ shard }) => shard),
  };
}

/** The next record of the call in the same shard; 0: there is none. */
function nextOfShard(place: number, count: number, shardOf: (place: number) => number): number {
  for (let next = place + 1; next < count; next++)
    if (shardOf(next) === shardOf(place)) return next;
  return 0;
}

function swap(spans: Uint32Array, a: number, b: number): void {
  for (let i = 0; i < SPAN_WORDS; i++) {
    const word = spans[a * SPAN_WORDS + i] as number;
    spans[a * SPAN_WORDS + i] = spans[b * SPAN_WORDS + i] as number;
    spans[b * SPAN_WORDS + i] = word;
  }
}

/** Turns one bit of the data over. @param unit which byte, as a share of the length */
function corrupt(body: Uint8Array, spans: Uint32Array, place: number, unit: number): void {
  const start = spans[place * SPAN_WORDS + 2] as number;
  const end = spans[place * SPAN_WORDS + 3] as number;
  const at = start + Math.floor(unit * (end - start));
  if (at < end) body[at] = (body[at] as number) ^ 1;
}
