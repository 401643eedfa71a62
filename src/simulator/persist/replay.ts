import { StoredBody } from '../core/record-store.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Entry } from './entry.ts';
import type { SimulatorState } from './state.ts';

/** Puts the records of entries back into their shards, under the indexes that they had. */
export class Replay {
  readonly #simulator: Simulator;
  readonly #take: (bytes: number) => Uint8Array;
  /** Records put back, and records that were in the state and in no entry. */
  records = 0;
  missing = 0;

  /** @param take gives a buffer of so many bytes, for a body to be kept in */
  constructor(simulator: Simulator, take: (bytes: number) => Uint8Array) {
    this.#simulator = simulator;
    this.#take = take;
  }

  /** @param isNew whether the state that was restored does not know of it yet */
  entry(entry: Entry, isNew: boolean): void {
    const stream = this.#simulator.streams.get(entry.streamName);
    // Of a stream that was deleted since, or made anew.
    if (stream === undefined || stream.createdMs !== entry.streamCreatedMs) return;
    if (!entry.shards.every((number) => stream.shard(number) !== undefined)) return;
    const { ledger, store } = this.#simulator;
    const bytes = this.#take(entry.body.length);
    bytes.set(entry.body);
    const body = new StoredBody(stream, bytes, entry.spans, entry.arrivedMs);
    for (let place = 0; place < entry.indexes.length; place++) {
      const shard = stream.shard(entry.shards[place] as number) as ShardState;
      this.#moveTo(shard, entry.indexes[place] as number);
      shard.log.append(place);
      if (!isNew) continue;
      shard.writtenBytes += body.size(place);
      const [keyFrom = 0, keyTo = 0, from = 0, to = 0] = entry.spans.subarray(place * 4);
      ledger.accept(bytes, keyTo - keyFrom, from, to);
    }
    if (isNew) ledger.callAnswered(entry.refusedCount);
    store.add(body);
    this.records += entry.indexes.length;
  }

  /** Counts of the shards as the state had them: before the first new entry. */
  restoreCounts(state: SimulatorState): void {
    for (const { name, shards } of state.streams) {
      const stream = this.#simulator.streams.get(name) as Stream;
      for (const [number, counts] of shards.entries()) {
        const shard = stream.shard(number) as ShardState;
        this.#moveTo(shard, counts.next);
        shard.restore(counts);
      }
    }
    // Those that were given up once more while they were put back.
    this.#simulator.store.droppedRecords = state.droppedRecords;
    this.#simulator.store.expiredRecords = state.expiredRecords;
  }

  /** A gap in what was kept: what is before it can no longer be read in one go, and is left out. */
  #moveTo(shard: ShardState, index: number): void {
    const { log } = shard;
    if (index <= log.next) return;
    if (log.next > log.first) this.missing += index - log.next;
    log.moveTo(index);
  }
}
