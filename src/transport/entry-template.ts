/** Words of a template at the most: an entry of the service has nine outside its two values. */
const WORDS_MAX = 64;
const WORD_BYTES = 4;

/**
 * What one accepted entry of a CBOR answer looks like: the entries of an answer differ in their sequence numbers and shards
 * alone. In: an entry that was read item by item, and where its two values lie. Out: whether another place of a body holds
 * the same bytes but for those two values. Heads are among the bytes that must be the same, so the values have the
 * same lengths, and reading that place item by item would say the same of it.
 */
export class EntryTemplate {
  /** Bytes of the entry; 0 when none was learnt. */
  length = 0;
  /** The values, from the entry's start. */
  #sequenceAt = 0;
  #sequenceEnd = 0;
  #shardAt = 0;
  #shardEnd = 0;
  /** The words that cover all bytes but the values', and where they begin. They may overlap. */
  readonly #offsets = new Int32Array(WORDS_MAX);
  readonly #words = new Int32Array(WORDS_MAX);
  #count = 0;
  /** The body; its bytes as words, wherever they begin. */
  #view: DataView = new DataView(new ArrayBuffer(0));

  get sequenceAt(): number {
    return this.#sequenceAt;
  }

  get sequenceEnd(): number {
    return this.#sequenceEnd;
  }

  get shardAt(): number {
    return this.#shardAt;
  }

  get shardEnd(): number {
    return this.#shardEnd;
  }

  /** The body whose entries are asked for from now on. */
  look(bytes: Uint8Array): void {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Learns the entry `[from, to)` of the body, whose values are whole texts; forgets it when that cannot be. */
  learn(
    from: number,
    to: number,
    sequenceAt: number,
    sequenceEnd: number,
    shardAt: number,
    shardEnd: number,
  ): void {
    this.length = 0;
    this.#count = 0;
    this.#sequenceAt = sequenceAt - from;
    this.#sequenceEnd = sequenceEnd - from;
    this.#shardAt = shardAt - from;
    this.#shardEnd = shardEnd - from;
    const isShardFirst = shardAt < sequenceAt;
    const firstAt = isShardFirst ? shardAt : sequenceAt;
    const firstEnd = isShardFirst ? shardEnd : sequenceEnd;
    const secondAt = isShardFirst ? sequenceAt : shardAt;
    const secondEnd = isShardFirst ? sequenceEnd : shardEnd;
    const isCovered =
      this.#cover(from, from, firstAt) &&
      this.#cover(from, firstEnd, secondAt) &&
      this.#cover(from, secondEnd, to);
    if (isCovered) this.length = to - from;
  }

  /** Whether the body has such an entry at `from`, which ends at `end` at the latest. */
  matches(from: number, end: number): boolean {
    if (this.length === 0 || from + this.length > end) return false;
    for (let i = 0; i < this.#count; i++) {
      const at = from + (this.#offsets[i] as number);
      if (this.#view.getInt32(at) !== this.#words[i]) return false;
    }
    return true;
  }

  /** Notes words over the bytes `[at, to)`, none of them beginning before `from`; false when there is no room. */
  #cover(from: number, at: number, to: number): boolean {
    for (let place = at; place < to; place += WORD_BYTES) {
      const start = Math.min(place, to - WORD_BYTES);
      if (start < from || this.#count === WORDS_MAX) return false;
      this.#offsets[this.#count] = start - from;
      this.#words[this.#count++] = this.#view.getInt32(start);
    }
    return true;
  }
}
