/**
 * Reading back, from the first shard to the last count. In: a stream, whose records are looked for, since when. Out: an audit
 * of what is there, and how far the reader was behind. It may run beside the load (`end` says when that is over) or after
 * it, and go on from a checkpoint. Owns no socket and no clock.
 */
import type { Clock } from '../core/clock.ts';
import type { ReadableStream, ReadPage } from '../kinesis/reading.ts';
import type { Shard } from '../kinesis/shard.ts';
import { Audit, type AuditedShard, type AuditOptions } from './audit.ts';
import { Backlog } from './backlog.ts';
import { hashRange } from './hash-range.ts';
import { readAll, type ShardProgress } from './read-all.ts';

export interface VerificationOptions extends AuditOptions {
  readonly stream: ReadableStream;
  readonly clock: Clock;
  /** Unix milliseconds: records that came in earlier are passed over. */
  readonly fromEpochMs: number;
  /** After each page. */
  readonly onProgress: () => void;
}

export class Verification {
  readonly audit: Audit;
  readonly backlog = new Backlog();
  /** By shard id. */
  readonly progress = new Map<string, ShardProgress>();
  /** Time spent reading, in all attempts. */
  readMs = 0;
  readonly #options: VerificationOptions;
  readonly #shards = new Map<number, AuditedShard>();
  readonly #abort = new AbortController();
  #isOver = false;
  #startedUs = 0;
  #earlierMs = 0;

  constructor(options: VerificationOptions) {
    this.#options = options;
    this.audit = new Audit(options);
  }

  /** Of the shard that is furthest behind, milliseconds. */
  get behindMs(): number {
    let behindMs = 0;
    for (const { millisBehindLatest } of this.progress.values()) {
      behindMs = Math.max(behindMs, millisBehindLatest);
    }
    return behindMs;
  }

  /** Nothing more is written: what is in the shards now is all. */
  end(): void {
    this.#isOver = true;
  }

  /** Stops reading; {@link run} then returns false. */
  interrupt(): void {
    this.#abort.abort();
  }

  /**
   * Reads until {@link end} was called and every shard's tip, or end, is reached.
   * @returns whether all was read
   * @throws ShardstormError when a shard cannot be read; what was read until then counts
   */
  async run(): Promise<boolean> {
    const { stream, fromEpochMs, clock } = this.#options;
    this.#startedUs = clock.nowUs();
    this.#earlierMs = this.readMs;
    try {
      await readAll({
        stream,
        from: { kind: 'time', epochMs: fromEpochMs },
        progress: this.progress,
        onPage: (shard, page) => this.#page(shard, page),
        isOver: () => this.#isOver,
        signal: this.#abort.signal,
      });
    } finally {
      this.readMs = this.#earlierMs + this.#sinceStartMs();
    }
    return !this.#abort.signal.aborted;
  }

  #page(shard: Shard, page: ReadPage): void {
    const { clock, onProgress } = this.#options;
    const audited = this.#audited(shard);
    const readUs = clock.originEpochUs + clock.nowUs();
    for (const record of page.records) this.audit.record(audited, record, readUs);
    const progress = this.progress.get(shard.id);
    if (progress !== undefined) progress.millisBehindLatest = page.millisBehindLatest;
    this.readMs = this.#earlierMs + this.#sinceStartMs();
    const { userRecords, bytes } = this.audit.counts;
    this.backlog.add({ atMs: this.readMs, behindMs: this.behindMs, userRecords, bytes });
    onProgress();
  }

  #sinceStartMs(): number {
    return Math.round((this.#options.clock.nowUs() - this.#startedUs) / 1000);
  }

  #audited(shard: Shard): AuditedShard {
    const { id, number, startingHashKey, endingHashKey } = shard;
    let audited = this.#shards.get(number);
    if (audited === undefined) {
      audited = { id, number, range: hashRange(startingHashKey, endingHashKey) };
      this.#shards.set(number, audited);
    }
    return audited;
  }
}
