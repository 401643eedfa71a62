/**
 * Sequence numbers, version 2, as the live service was seen to make them: 47 hex digits, written in decimal (56 digits).
 *
 * ```
 * ┌───┬────────────────────┬──────────┬──────────────┬────┬─────────────┬───────────┬───┐
 * │ 2 │ shard created, s   │ shard &15│ index        │ 00 │ arrived, s  │ shard     │ 2 │
 * │ 1 │ 9                  │ 1        │ 16           │ 2  │ 9           │ 8         │ 1 │  hex digits
 * └───┴────────────────────┴──────────┴──────────────┴────┴─────────────┴───────────┴───┘
 * ```
 * Only this matters to clients: decimal, and growing within a shard.
 */
export const SEQUENCE_DIGITS = 56;
/** Index in the ending sequence number of a closed shard. */
export const ENDING_INDEX = 0x7fff_ffff_ffff_ffffn;

export interface SequenceParts {
  readonly createdSecond: number;
  readonly shard: number;
  readonly index: bigint;
  readonly arrivedSecond: number;
}

/** The number as the service writes it. */
export function sequenceNumber(parts: SequenceParts): string {
  return sequenceValue(parts).toString();
}

function sequenceValue(parts: SequenceParts): bigint {
  return (
    (2n << 184n) |
    (BigInt(parts.createdSecond) << 148n) |
    (BigInt(parts.shard & 15) << 144n) |
    (parts.index << 80n) |
    (BigInt(parts.arrivedSecond) << 36n) |
    (BigInt(parts.shard) << 4n) |
    2n
  );
}

/** The parts of a sequence number; null when it is none of this simulator's. */
export function parseSequenceNumber(text: string): SequenceParts | null {
  if (!/^\d{1,129}$/.test(text)) return null;
  const value = BigInt(text);
  const field = (shift: bigint, bits: bigint) => (value >> shift) & ((1n << bits) - 1n);
  if (value >> 184n !== 2n || field(0n, 4n) !== 2n || field(72n, 8n) !== 0n) return null;
  const shard = Number(field(4n, 32n));
  if (BigInt(shard & 15) !== field(144n, 4n)) return null;
  return {
    createdSecond: Number(field(148n, 36n)),
    shard,
    index: field(80n, 64n),
    arrivedSecond: Number(field(36n, 36n)),
  };
}

const LIMB = 1e8;
const LIMB_DIGITS = 8;
const LIMBS = SEQUENCE_DIGITS / LIMB_DIGITS;
/** A product of a limb and a step up to here stays exact in a double. */
const STEP_MAX = 1e6;

/** The digits of 00 … 99: two at a time need half the divisions. */
const PAIRS = Buffer.from(
  Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0')).join(''),
  'latin1',
);

function toLimbs(value: bigint, limbs = new Float64Array(LIMBS)): Float64Array {
  let rest = value;
  for (let i = 0; i < LIMBS; i++) {
    limbs[i] = Number(rest % BigInt(LIMB));
    rest /= BigInt(LIMB);
  }
  return limbs;
}

/** What the number grows by for the next index, and for the next second. */
const INDEX_STEP = toLimbs(1n << 80n);
const SECOND_STEP = toLimbs(1n << 36n);

/**
 * Writes a shard's sequence numbers as ASCII without a BigInt each: numbers of a shard differ by multiples of 2^80 (the
 * index) and 2^36 (the second), which are added to seven decimal limbs.
 */
export class SequenceText {
  readonly #createdSecond: number;
  readonly #shard: number;
  readonly #limbs = new Float64Array(LIMBS);
  /** The last number's digits, and the limbs that they were made from. */
  readonly #digits = new Uint8Array(SEQUENCE_DIGITS).fill(48);
  readonly #written = new Int32Array(LIMBS);
  #second = Number.NEGATIVE_INFINITY;
  #index = 0;

  constructor(createdSecond: number, shard: number) {
    this.#createdSecond = createdSecond;
    this.#shard = shard;
  }

  /** Writes 56 digits to `target[at …]`. Of the last number's digits only those that changed are made anew. */
  write(index: number, arrivedSecond: number, target: Uint8Array, at: number): void {
    this.#moveTo(index, arrivedSecond);
    for (let i = 0; i < LIMBS; i++) {
      let rest = (this.#limbs[i] as number) | 0;
      if (this.#written[i] === rest) continue;
      this.#written[i] = rest;
      let place = (LIMBS - i) * LIMB_DIGITS;
      for (let pair = 0; pair < LIMB_DIGITS / 2; pair++) {
        const hundredth = (rest / 100) | 0;
        const two = (rest - hundredth * 100) * 2;
        this.#digits[--place] = PAIRS[two + 1] as number;
        this.#digits[--place] = PAIRS[two] as number;
        rest = hundredth;
      }
    }
    target.set(this.#digits, at);
  }

  #moveTo(index: number, arrivedSecond: number): void {
    const steps = index - this.#index;
    const seconds = arrivedSecond - this.#second;
    if (Math.abs(steps) > STEP_MAX || Math.abs(seconds) > STEP_MAX) {
      const parts = { createdSecond: this.#createdSecond, shard: this.#shard, arrivedSecond };
      toLimbs(sequenceValue({ ...parts, index: BigInt(index) }), this.#limbs);
    } else if (steps !== 0 || seconds !== 0) {
      let carry = 0;
      for (let i = 0; i < LIMBS; i++) {
        const added =
          (INDEX_STEP[i] as number) * steps + (SECOND_STEP[i] as number) * seconds + carry;
        const sum = (this.#limbs[i] as number) + added;
        carry = Math.floor(sum / LIMB);
        this.#limbs[i] = sum - carry * LIMB;
      }
    }
    this.#second = arrivedSecond;
    this.#index = index;
  }
}
