/**
 * Scaling of on-demand streams. In: what each shard took since the last look. Out: shards split. Two rules of the
 * developer guide: a shard with more than 500 KB/s is split in even halves, and the stream has room for twice its peak.
 * The service does it within 15 minutes; how is not published, so the pace here is an option.
 */

import type { Clock } from '../../core/clock.ts';
import type { CoreOptions } from './options.ts';
import type { ShardState } from './shard.ts';
import type { Stream } from './stream.ts';

const HOT_BYTES_PER_SECOND = 500_000;
/** The same share of the record limit. */
const HOT_RECORDS_PER_SECOND = 500;
const SHARD_BYTES_PER_SECOND = 1024 * 1024;
const SHARD_RECORDS_PER_SECOND = 1000;
const GROWTH = 2;

/** What is needed of a simulator. */
export interface ScaledService {
  readonly clock: Clock;
  readonly options: CoreOptions;
  readonly streams: ReadonlyMap<string, Stream>;
  readonly journal: { changed(): void } | null;
  nowMs(): number;
}

/** What a shard had taken at a moment of the clock. */
interface Seen {
  readonly bytes: number;
  readonly records: number;
  readonly atUs: number;
}

/** Watches the on-demand streams of a simulator. */
export class OnDemandScaling {
  readonly #simulator: ScaledService;
  /** What a shard had taken at the last look. */
  readonly #seen = new WeakMap<ShardState, Seen>();
  /** Highest shard count that a stream's peak asks for. */
  readonly #needed = new WeakMap<Stream, number>();
  #lookedMs = 0;
  #lookedUs = 0;
  #timer: { cancel(): void } | null = null;

  constructor(simulator: ScaledService) {
    this.#simulator = simulator;
  }

  /** Looks again and again, each `scaleEveryUs`, until {@link stop}. */
  start(): void {
    for (const stream of this.#simulator.streams.values()) this.#rates(stream);
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #schedule(): void {
    const { clock, options } = this.#simulator;
    this.#lookedUs = clock.nowUs();
    this.#lookedMs = this.#simulator.nowMs();
    this.#timer?.cancel();
    this.#timer = clock.setTimer(this.#lookedUs + options.scaleEveryUs, () => {
      for (const stream of this.#simulator.streams.values()) this.#look(stream);
      this.#schedule();
    });
  }

  #look(stream: Stream): void {
    const rates = this.#rates(stream);
    if (stream.mode !== 'ON_DEMAND' || stream.status !== 'ACTIVE') return;
    const heat: { readonly shard: ShardState; readonly hot: number }[] = [];
    let shardsUsed = 0;
    for (const { shard, bytes, records } of rates) {
      shardsUsed += Math.max(bytes / SHARD_BYTES_PER_SECOND, records / SHARD_RECORDS_PER_SECOND);
      const hot = Math.max(bytes / HOT_BYTES_PER_SECOND, records / HOT_RECORDS_PER_SECOND);
      heat.push({ shard, hot });
    }
    const needed = Math.max(this.#needed.get(stream) ?? 0, Math.ceil(shardsUsed * GROWTH));
    this.#needed.set(stream, needed);
    heat.sort((a, b) => b.hot - a.hot);
    const nowMs = this.#simulator.nowMs();
    for (const { shard, hot } of heat) {
      if (hot <= 1 && stream.openShards.length >= needed) break;
      const { startingHashKey, endingHashKey } = shard.place;
      if (startingHashKey === endingHashKey) continue;
      stream.map.split(shard, (startingHashKey + endingHashKey + 1n) / 2n, nowMs);
      this.#simulator.journal?.changed();
    }
  }

  /** Bytes and records that each open shard took a second since the last look. */
  #rates(stream: Stream): { shard: ShardState; bytes: number; records: number }[] {
    const atUs = this.#simulator.clock.nowUs();
    return stream.openShards.map((shard) => {
      const now: Seen = { bytes: shard.writtenBytes, records: shard.log.next, atUs };
      const before = this.#seen.get(shard) ?? this.#beginning(shard, now);
      this.#seen.set(shard, now);
      const seconds = (atUs - before.atUs) / 1_000_000;
      if (seconds <= 0) return { shard, bytes: 0, records: 0 };
      return {
        shard,
        bytes: (now.bytes - before.bytes) / seconds,
        records: (now.records - before.records) / seconds,
      };
    });
  }

  /** A shard that is older than the last look was restored: when it took what it holds is not known. */
  #beginning(shard: ShardState, now: Seen): Seen {
    const isYoung = shard.createdMs >= this.#lookedMs;
    return isYoung ? { bytes: 0, records: 0, atUs: this.#lookedUs } : now;
  }
}
