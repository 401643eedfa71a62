import type { ShardDelta } from './frame.ts';

/** What each shard got since the last take, by shard number; arrays grow to the highest number seen. */
export class ShardCounts {
  #records = new Float64Array(0);
  #bytes = new Float64Array(0);
  #throttled = new Float64Array(0);
  /** Numbers with a count since the last take; the first `#touchedCount` are valid. */
  #touched = new Int32Array(0);
  #touchedCount = 0;
  #isTouched = new Uint8Array(0);

  accept(shard: number, records: number, bytes: number): void {
    this.#touch(shard);
    this.#records[shard] = (this.#records[shard] as number) + records;
    this.#bytes[shard] = (this.#bytes[shard] as number) + bytes;
  }

  throttle(shard: number, count: number): void {
    this.#touch(shard);
    this.#throttled[shard] = (this.#throttled[shard] as number) + count;
  }

  /** Appends the touched shards to `out` and starts from zero. */
  take(phase: number, out: ShardDelta[]): void {
    for (let i = 0; i < this.#touchedCount; i++) {
      const shard = this.#touched[i] as number;
      out.push({
        phase,
        shard,
        records: this.#records[shard] as number,
        bytes: this.#bytes[shard] as number,
        throttled: this.#throttled[shard] as number,
      });
      this.#records[shard] = 0;
      this.#bytes[shard] = 0;
      this.#throttled[shard] = 0;
      this.#isTouched[shard] = 0;
    }
    this.#touchedCount = 0;
  }

  #touch(shard: number): void {
    if (shard >= this.#isTouched.length) this.#grow(shard + 1);
    if (this.#isTouched[shard] !== 0) return;
    this.#isTouched[shard] = 1;
    this.#touched[this.#touchedCount++] = shard;
  }

  #grow(needed: number): void {
    const length = Math.max(16, needed, this.#isTouched.length * 2);
    const widen = <T extends Float64Array | Int32Array | Uint8Array>(wide: T, old: T): T => {
      wide.set(old);
      return wide;
    };
    this.#records = widen(new Float64Array(length), this.#records);
    this.#bytes = widen(new Float64Array(length), this.#bytes);
    this.#throttled = widen(new Float64Array(length), this.#throttled);
    this.#touched = widen(new Int32Array(length), this.#touched);
    this.#isTouched = widen(new Uint8Array(length), this.#isTouched);
  }
}
