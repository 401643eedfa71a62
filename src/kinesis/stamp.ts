/**
 * The stamp a verified payload starts with: 32 bytes, big-endian.
 *
 * ```
 * 0        4              12          14     16                 24                  32
 * ┌────────┬──────────────┬───────────┬──────┬──────────────────┬───────────────────┐
 * │ "SSv1" │ run id, u64  │ producer  │ zero │ sequence, u64    │ intended time,    │
 * │        │              │ u16       │ u16  │ 0, 1, 2 …        │ Unix us, u64      │
 * └────────┴──────────────┴───────────┴──────┴──────────────────┴───────────────────┘
 * ```
 * A JSON payload carries the same bytes in base64url (43 characters) as its first member, `"_stamp"`.
 */
export const STAMP_BYTES = 32;
const STAMP_MAGIC = 0x5353_7631;
/** `{"_stamp":"` … `"`: bytes a JSON payload needs before its own first member. */
export const JSON_STAMP_MEMBER = '"_stamp":';
export const JSON_STAMP_TEXT_BYTES = 43;

const TWO_32 = 0x1_0000_0000;

function writeU32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/**
 * Writes a stamp to `target[at …at+31]`.
 * @param runIdHigh upper 32 bits of the run id
 * @param runIdLow lower 32 bits
 * @param producer 0 … 65535
 * @param sequence integer, 0 … 2^53
 * @param intendedEpochHigh upper 32 bits of the intended time in Unix microseconds, in two parts because a number beyond 32
 *   bits would be an object wherever the call is not inlined
 * @param intendedEpochLow lower 32 bits, signed or not: as an unsigned number half of them are beyond 31 bits, and objects
 */
export function writeStamp(
  target: Uint8Array,
  at: number,
  runIdHigh: number,
  runIdLow: number,
  producer: number,
  sequence: number,
  intendedEpochHigh: number,
  intendedEpochLow: number,
): void {
  writeU32(target, at, STAMP_MAGIC);
  writeU32(target, at + 4, runIdHigh);
  writeU32(target, at + 8, runIdLow);
  writeU32(target, at + 12, producer << 16);
  writeU32(target, at + 16, Math.floor(sequence / TWO_32));
  writeU32(target, at + 20, sequence | 0);
  writeU32(target, at + 24, intendedEpochHigh);
  writeU32(target, at + 28, intendedEpochLow);
}
