import { StoredBody } from '../core/record-store.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Entry } from './entry.ts';
import type { SimulatorState } from './state.ts';

/** Puts the records of entries back into their shards, under the indexes that they had. */
export class Replay {
  readonly #simulator: Simulator;
  #records = 0;
  /** Records whose place or whose shard is not known any more. */
  missing = 0;
  /** Records that were held and that the bound has no room for. */
  dropped = 0;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** @param isNew whether the state that was restored does not know of it yet */
  entry(entry: Entry, isNew: boolean): void {
    const stream = this.#simulator.streams.get(entry.streamName);
    // Of a stream that was deleted since, or made anew.
    if (stream === undefined || stream.createdMs !== entry.streamCreatedMs) return;
    if (!entry.shards.every((number) => stream.shard(number) !== undefined)) {
      this.missing += entry.shards.length;
      return;
    }
    const { ledger, store } = this.#simulator;
    // No larger than it must be: what fitted into the bound before fits into it again.
    const bytes = Buffer.allocUnsafeSlow(entry.body.length);
    bytes.set(entry.body);
    const body = new StoredBody(stream, bytes, entry.spans, entry.arrivedMs);
    for (let place = 0; place < entry.indexes.length; place++) {
      const shard = stream.shard(entry.shards[place] as number) as ShardState;
      this.missing += shard.log.skipTo(entry.indexes[place] as number);
      shard.log.append(place);
      if (!isNew) continue;
      shard.writtenBytes += body.size(place);
      const [keyFrom = 0, keyTo = 0, from = 0, to = 0] = entry.spans.subarray(place * 4);
      ledger.accept(bytes, keyTo - keyFrom, from, to);
    }
    if (isNew) ledger.callAnswered(entry.refusedCount);
    const droppedBefore = store.droppedRecords;
    store.add(body);
    if (isNew) this.dropped += store.droppedRecords - droppedBefore;
    else this.#records += entry.indexes.length;
  }

  /** Counts of the shards as the state had them: before the first new entry. */
  restoreCounts(state: SimulatorState): void {
    for (const { name, shards } of state.streams) {
      const stream = this.#simulator.streams.get(name) as Stream;
      for (const [number, counts] of shards.entries()) {
        const shard = stream.shard(number) as ShardState;
        this.missing += shard.log.skipTo(counts.next);
        shard.restore(counts);
      }
    }
    const { store } = this.#simulator;
    // Those that the state no longer held are on disk for as long as others of their segment.
    while (store.heldRecords > state.heldRecords) store.dropOldest();
    this.dropped += Math.min(state.heldRecords, this.#records) - store.heldRecords;
    store.droppedRecords = state.droppedRecords + this.dropped;
    store.expiredRecords = state.expiredRecords;
  }
}
