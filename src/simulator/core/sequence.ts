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
/** An index is added in two parts, each of so many bits that its product with a limb stays exact in a double. */
const LOW_BITS = 25;
const LOW_COUNT = 2 ** LOW_BITS;

function toLimbs(value: bigint): Float64Array {
  const limbs = new Float64Array(LIMBS);
  let rest = value;
  for (let i = 0; i < LIMBS; i++) {
    limbs[i] = Number(rest % BigInt(LIMB));
    rest /= BigInt(LIMB);
  }
  return limbs;
}

/** What the number grows by for the next index, and for 2^25 of them. */
const LOW_STEP = toLimbs(1n << 80n);
const HIGH_STEP = toLimbs(1n << BigInt(80 + LOW_BITS));

/** The four digits of 0000 … 9999 in ASCII, the first one in the lowest byte. */
const FOUR_DIGITS = new Uint32Array(10_000);
for (let i = 0; i < 10_000; i++) {
  const digit = (divisor: number) => 48 + (Math.floor(i / divisor) % 10);
  FOUR_DIGITS[i] = digit(1000) | (digit(100) << 8) | (digit(10) << 16) | (digit(1) << 24);
}

/** Writes `value`, below 10^8, as eight digits to `target[at …]`. */
export function writeEightDigits(value: number, target: DataView, at: number): void {
  const high = (value / 10_000) | 0;
  target.setUint32(at, FOUR_DIGITS[high] as number, true);
  target.setUint32(at + 4, FOUR_DIGITS[value - high * 10_000] as number, true);
}

/**
 * Writes sequence numbers as ASCII without a BigInt each. Shards created in one second, of numbers that are alike in the
 * last four bits, differ by their number in the lowest limb only and so share one of these; it holds nothing of a shard,
 * and a call that writes to ten thousand shards touches sixteen of them.
 */
export class SequenceWriter {
  readonly #createdSecond: number;
  readonly #shardBits: number;
  /** The number of shard 0, index 0, in {@link #second}. */
  #base: Float64Array = new Float64Array(LIMBS);
  #second = Number.NaN;

  constructor(createdSecond: number, shard: number) {
    this.#createdSecond = createdSecond;
    this.#shardBits = shard & 15;
  }

  /** Writes 56 digits to `target[at …]`. @param index below 2^50 */
  write(shard: number, index: number, arrivedSecond: number, target: DataView, at: number): void {
    if (arrivedSecond !== this.#second) this.#moveTo(arrivedSecond);
    const high = Math.floor(index / LOW_COUNT);
    const low = index - high * LOW_COUNT;
    const base = this.#base;
    let carry = shard * 16;
    for (let i = 0; i < LIMBS; i++) {
      const sum =
        (base[i] as number) +
        (LOW_STEP[i] as number) * low +
        (HIGH_STEP[i] as number) * high +
        carry;
      carry = Math.floor(sum / LIMB);
      writeEightDigits(sum - carry * LIMB, target, at + (LIMBS - 1 - i) * LIMB_DIGITS);
    }
  }

  #moveTo(arrivedSecond: number): void {
    this.#second = arrivedSecond;
    const parts = { createdSecond: this.#createdSecond, index: 0n, arrivedSecond };
    this.#base = toLimbs(sequenceValue({ ...parts, shard: 0 }) + (BigInt(this.#shardBits) << 144n));
  }
}
