/**
 * Reads all shards of a stream, parents before children, so that the records of a key come in the order in which they were
 * stored, across splits and merges too. In: a stream, where to begin, when enough is read. Out: pages, shard by shard. It
 * holds one page a shard at the most and ends at the tip of every shard, or at the first error.
 */
import type { ReadableStream, ReadPage, ReadPosition, ShardReader } from '../kinesis/reading.ts';
import type { Shard } from '../kinesis/shard.ts';

/** How far a shard is read. */
export interface ShardProgress {
  /** Behind which to go on; '' before its first record. */
  sequenceNumber: string;
  /** Nothing more will come of it. */
  isDone: boolean;
  /** As of its last page. */
  millisBehindLatest: number;
}

export interface ReadAllOptions {
  readonly stream: ReadableStream;
  /** Where shards begin that are there at the start; later ones are read from their first record. */
  readonly from: ReadPosition;
  /** By shard id; of an earlier reading, or empty. Kept up to date. */
  readonly progress: Map<string, ShardProgress>;
  /** The page is read when it returns. */
  readonly onPage: (shard: Shard, page: ReadPage) => void;
  /** Whether a shard whose tip is reached from now on is read to its end. */
  readonly isOver: () => boolean;
  /** Ends the reading; it can go on later from `progress`. */
  readonly signal: AbortSignal;
}

/** @throws ShardstormError of the first shard that cannot be read */
export async function readAll(options: ReadAllOptions): Promise<void> {
  await new Reading(options).run();
}

class Reading {
  readonly #options: ReadAllOptions;
  readonly #shards = new Map<number, Shard>();
  /** Shards of the first listing. */
  readonly #first = new Set<number>();
  readonly #started = new Set<number>();
  readonly #readers = new Set<ShardReader>();
  readonly #running = new Set<Promise<void>>();
  /** What shards threw; the first ends the reading. */
  readonly #failures: unknown[] = [];

  constructor(options: ReadAllOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { stream, signal } = this.#options;
    const stop = () => {
      for (const reader of this.#readers) reader.close();
    };
    signal.addEventListener('abort', stop);
    try {
      for (const shard of await stream.listShards()) {
        this.#shards.set(shard.number, shard);
        this.#first.add(shard.number);
      }
      this.#startReady();
      while (this.#running.size > 0 && this.#failures.length === 0) {
        await Promise.race(this.#running);
      }
    } finally {
      stop();
      signal.removeEventListener('abort', stop);
      // Whatever still runs ends with its page.
      await Promise.all(this.#running);
    }
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  /** Starts every shard whose parents are read, or are not there any more. */
  #startReady(): void {
    for (const shard of this.#shards.values()) {
      if (this.#started.has(shard.number)) continue;
      const { parentNumber, adjacentParentNumber } = shard;
      if (!this.#isRead(parentNumber) || !this.#isRead(adjacentParentNumber)) continue;
      this.#started.add(shard.number);
      const running = this.#read(shard)
        .catch((thrown: unknown) => {
          this.#failures.push(thrown);
        })
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  #isRead(number: number | null): boolean {
    const shard = number === null ? undefined : this.#shards.get(number);
    return shard === undefined || this.#progress(shard).isDone;
  }

  #progress({ id }: Shard): ShardProgress {
    const { progress } = this.#options;
    let known = progress.get(id);
    if (known === undefined) {
      known = { sequenceNumber: '', isDone: false, millisBehindLatest: 0 };
      progress.set(id, known);
    }
    return known;
  }

  async #read(shard: Shard): Promise<void> {
    const progress = this.#progress(shard);
    if (!progress.isDone) {
      const hasEnded = await this.#readPages(shard, progress);
      if (!hasEnded) return;
      for (const found of await this.#options.stream.listShards()) {
        if (!this.#shards.has(found.number)) this.#shards.set(found.number, found);
      }
    }
    if (!this.#options.signal.aborted) this.#startReady();
  }

  /** @returns whether the shard is closed and read to its end */
  async #readPages(shard: Shard, progress: ShardProgress): Promise<boolean> {
    const { stream, onPage, isOver, signal } = this.#options;
    const reader = await stream.openShard(shard, this.#positionOf(shard, progress));
    this.#readers.add(reader);
    try {
      while (!signal.aborted && this.#failures.length === 0) {
        // Asked before the page: what was written before it was over is in the page, or behind it.
        const isLast = isOver();
        const page = await reader.next();
        if (signal.aborted || this.#failures.length > 0) return false;
        onPage(shard, page);
        progress.sequenceNumber = page.records.at(-1)?.sequenceNumber ?? progress.sequenceNumber;
        progress.millisBehindLatest = page.millisBehindLatest;
        progress.isDone = page.isEnd;
        if (page.isEnd) return true;
        if (isLast && page.millisBehindLatest === 0) return false;
      }
      return false;
    } finally {
      reader.close();
      this.#readers.delete(reader);
    }
  }

  #positionOf(shard: Shard, { sequenceNumber }: ShardProgress): ReadPosition {
    if (sequenceNumber !== '') return { kind: 'after', sequenceNumber };
    return this.#first.has(shard.number) ? this.#options.from : { kind: 'start' };
  }
}
