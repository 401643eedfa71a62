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

/** Watches the on-demand streams of a simulator. */
export class OnDemandScaling {
  readonly #simulator: ScaledService;
  /** What a shard had taken at the last look. */
  readonly #seen = new WeakMap<ShardState, { readonly bytes: number; readonly records: number }>();
  /** Highest shard count that a stream's peak asks for. */
  readonly #needed = new WeakMap<Stream, number>();
  #timer: { cancel(): void } | null = null;

  constructor(simulator: ScaledService) {
    this.#simulator = simulator;
  }

  /** Looks again and again, each `scaleEveryUs`, until {@link stop}. */
  start(): void {
    const { clock, options } = this.#simulator;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(clock.nowUs() + options.scaleEveryUs, () => {
      for (const stream of this.#simulator.streams.values()) this.#look(stream);
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #look(stream: Stream): void {
    if (stream.mode !== 'ON_DEMAND' || stream.status !== 'ACTIVE') return;
    const seconds = this.#simulator.options.scaleEveryUs / 1_000_000;
    const heat: { readonly shard: ShardState; readonly hot: number }[] = [];
    let shardsUsed = 0;
    for (const shard of stream.openShards) {
      const { bytes, records } = this.#rates(shard, seconds);
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

  /** Bytes and records a second since the last look. */
  #rates(shard: ShardState, seconds: number): { bytes: number; records: number } {
    const before = this.#seen.get(shard);
    const now = { bytes: shard.writtenBytes, records: shard.log.next };
    this.#seen.set(shard, now);
    return {
      bytes: (now.bytes - (before?.bytes ?? 0)) / seconds,
      records: (now.records - (before?.records ?? 0)) / seconds,
    };
  }
}
