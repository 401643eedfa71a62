/**
 * Messages of `application/vnd.amazon.eventstream`, the framing of SubscribeToShard's answer.
 *
 * ```
 * ┌────────────┬──────────────┬─────────────┬─────────┬─────────┬─────────────┐
 * │ total, u32 │ headers, u32 │ CRC of both │ headers │ payload │ CRC of all  │
 * └────────────┴──────────────┴─────────────┴─────────┴─────────┴─────────────┘
 * header: u8 name length, name, 7 (string), u16 value length, value
 * ```
 */
import { crc32 } from 'node:zlib';

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
const TYPE_STRING = 7;

/** One message with text headers. */
export function eventMessage(
  headers: readonly (readonly [string, string])[],
  payload: Uint8Array,
): Uint8Array {
  const head = Buffer.concat(headers.map(([name, value]) => header(name, value)));
  const total = PRELUDE_BYTES + head.length + payload.length + CRC_BYTES;
  const message = Buffer.alloc(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, PRELUDE_BYTES);
  message.set(payload, PRELUDE_BYTES + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, total - CRC_BYTES)), total - CRC_BYTES);
  return message;
}

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.of(Buffer.byteLength(name)),
    Buffer.from(name),
    Buffer.of(TYPE_STRING),
    length,
    Buffer.from(value),
  ]);
}
