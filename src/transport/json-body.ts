import type { ByteBuffer } from '../core/byte-buffer.ts';
import type { PutRecordsEntry, PutRecordsRequest } from '../kinesis/put-records.ts';

const RECORDS = Buffer.from('{"Records":[');
const DATA = Buffer.from('{"Data":"');
const PARTITION_KEY = Buffer.from('","PartitionKey":"');
const EXPLICIT_HASH_KEY = Buffer.from('","ExplicitHashKey":"');
const STREAM_NAME = Buffer.from('],"StreamName":"');
const BASE64 = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const HEX = Buffer.from('0123456789abcdef');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACE_CLOSE = 0x7d;
const EQUALS = 0x3d;

/**
 * Data of more bytes goes through one string of Buffer's base64, which is vectorised: on Node 20
 * 0.4 ns a byte at 400 bytes and 0.1 at 50,000, against 1.1 of the loop, which is as fast at 150
 * bytes and makes no string.
 */
const LOOP_BASE64_BYTES_MAX = 150;

/** Bytes of one record beside data, key and hash key at the most: names, quotes and padding. */
const RECORD_FRAME_BYTES_MAX = 72;
const BODY_FRAME_BYTES_MAX = 64;
/** A control character becomes a backslash, a `u` and four digits. */
const ESCAPED_BYTES_MAX = 6;

/**
 * Writes the body of a PutRecords call in JSON 1.1 (blobs in base64), replacing what `target`
 * holds.
 */
export function writeJsonBody(request: PutRecordsRequest, target: ByteBuffer): void {
  const { entries, entryCount, streamName } = request;
  target.clear();
  target.reserve(bodyBytesMax(request));
  const { buffer, byteOffset, byteLength } = target.bytes;
  const out = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  let at = writeConstant(out, 0, RECORDS);
  for (let i = 0; i < entryCount; i++) {
    const entry = entries[i];
    if (entry === undefined) break;
    if (i > 0) out[at++] = COMMA;
    at = writeRecord(out, at, entry);
  }
  at = writeConstant(out, at, STREAM_NAME);
  at = writeAscii(out, at, streamName);
  out[at++] = QUOTE;
  out[at++] = BRACE_CLOSE;
  target.length = at;
}

function writeRecord(out: Buffer, start: number, entry: PutRecordsEntry): number {
  let at = writeConstant(out, start, DATA);
  at = writeBase64(out, at, entry.bytes, entry.dataStart, entry.dataEnd);
  at = writeConstant(out, at, PARTITION_KEY);
  at = writeEscaped(out, at, entry.keyBytes, entry.keyStart, entry.keyEnd);
  if (entry.explicitHashKey !== '') {
    at = writeConstant(out, at, EXPLICIT_HASH_KEY);
    at = writeAscii(out, at, entry.explicitHashKey);
  }
  out[at++] = QUOTE;
  out[at++] = BRACE_CLOSE;
  return at;
}

function bodyBytesMax(request: PutRecordsRequest): number {
  let bytes = BODY_FRAME_BYTES_MAX + request.streamName.length;
  for (let i = 0; i < request.entryCount; i++) {
    const entry = request.entries[i];
    if (entry === undefined) break;
    bytes += RECORD_FRAME_BYTES_MAX + Math.ceil((entry.dataEnd - entry.dataStart) / 3) * 4;
    bytes += (entry.keyEnd - entry.keyStart) * ESCAPED_BYTES_MAX + entry.explicitHashKey.length;
  }
  return bytes;
}

function writeConstant(out: Uint8Array, at: number, constant: Uint8Array): number {
  for (let i = 0; i < constant.length; i++) out[at + i] = constant[i] as number;
  return at + constant.length;
}

function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Three bytes to four characters, padded with `=`. */
function writeBase64(
  out: Buffer,
  start: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  if (to - from > LOOP_BASE64_BYTES_MAX) {
    const data = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset + from, to - from);
    return start + out.write(data.toString('base64'), start, 'latin1');
  }
  let at = start;
  let i = from;
  for (; i + 2 < to; i += 3) {
    const bits =
      ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    out[at] = BASE64[bits >>> 18] as number;
    out[at + 1] = BASE64[(bits >>> 12) & 63] as number;
    out[at + 2] = BASE64[(bits >>> 6) & 63] as number;
    out[at + 3] = BASE64[bits & 63] as number;
    at += 4;
  }
  if (i === to) return at;
  const isPair = i + 2 === to;
  const bits = ((bytes[i] as number) << 16) | (isPair ? (bytes[i + 1] as number) << 8 : 0);
  out[at] = BASE64[bits >>> 18] as number;
  out[at + 1] = BASE64[(bits >>> 12) & 63] as number;
  out[at + 2] = isPair ? (BASE64[(bits >>> 6) & 63] as number) : EQUALS;
  out[at + 3] = EQUALS;
  return at + 4;
}

/**
 * UTF-8 as the inside of a JSON string: quotes, backslashes and control characters escaped, the
 * rest as it is.
 */
function writeEscaped(
  out: Uint8Array,
  start: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let at = start;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
      out[at++] = byte;
    } else if (byte >= 0x20) {
      out[at++] = BACKSLASH;
      out[at++] = byte;
    } else {
      out[at] = BACKSLASH;
      out[at + 1] = 0x75; // u
      out[at + 2] = 0x30; // 0
      out[at + 3] = 0x30;
      out[at + 4] = HEX[byte >>> 4] as number;
      out[at + 5] = HEX[byte & 15] as number;
      at += ESCAPED_BYTES_MAX;
    }
  }
  return at;
}
