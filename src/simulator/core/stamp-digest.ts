/** Two sums of 32 bits over what was added, in any order. */
export class StampDigest {
  #high = 0;
  #low = 0;

  add(sequence: number, bytes: number): void {
    const upper = (sequence / 0x1_0000_0000) | 0;
    const low = mix((sequence | 0) ^ Math.imul(bytes, 0x9e3779b1));
    const high = mix((sequence | 0) + Math.imul(bytes ^ 0x27d4eb2f, 0x165667b1));
    this.#low = (this.#low + mix(low ^ upper)) | 0;
    this.#high = (this.#high + mix(high ^ Math.imul(upper + 1, 0x85ebca6b))) | 0;
  }

  addAll(other: StampDigest): void {
    this.#high = (this.#high + other.#high) | 0;
    this.#low = (this.#low + other.#low) | 0;
  }

  /** Sixteen hex digits. */
  text(): string {
    return hex(this.#high) + hex(this.#low);
  }

  /** Goes on from a {@link text}. */
  setText(text: string): void {
    this.#high = Number.parseInt(text.slice(0, 8), 16) | 0;
    this.#low = Number.parseInt(text.slice(8), 16) | 0;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** The finalizer of MurmurHash3 (public domain): every bit of the input changes half of the output. */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
