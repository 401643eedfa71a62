import { type ByteBuffer, copyBytes } from '../core/byte-buffer.ts';
import type { PutRecordsRequest } from '../kinesis/put-records.ts';

const LATIN1 = 'latin1';
/** `{"Data": …` and `{"Data": …` of a map of three: map header, then the text "Data". */
const RECORD_OF_TWO = Buffer.from('\xa2\x64Data', LATIN1);
const RECORD_OF_THREE = Buffer.from('\xa3\x64Data', LATIN1);
const PARTITION_KEY = Buffer.from('\x6cPartitionKey', LATIN1);
const EXPLICIT_HASH_KEY = Buffer.from('\x6fExplicitHashKey', LATIN1);
const RECORDS = Buffer.from('\xa2\x67Records', LATIN1);
const STREAM_NAME = Buffer.from('\x6aStreamName', LATIN1);

const MAJOR_BYTES = 0x40;
const MAJOR_TEXT = 0x60;
const MAJOR_ARRAY = 0x80;

/** Bytes around the data and the key of one record at the most: three names and three headers. */
const RECORD_FRAME_BYTES_MAX = 64;
/** Bytes around the records at the most; a stream name has at most 128 characters. */
const BODY_FRAME_BYTES_MAX = 64;

/**
 * Writes the body of a PutRecords call in the service's CBOR (JSON 1.1's members, blobs as byte
 * strings), replacing what `target` holds.
 *
 * ```
 * A2 "Records"    [ { "Data": bytes, "PartitionKey": text, "ExplicitHashKey"?: text } … ]
 *    "StreamName" text
 * ```
 */
export function writeCborBody(request: PutRecordsRequest, target: ByteBuffer): void {
  const { entries, entryCount, streamName } = request;
  target.clear();
  target.reserve(bodyBytesMax(request));
  const out = target.bytes;
  let at = writeConstant(out, 0, RECORDS);
  at = writeHeader(out, at, MAJOR_ARRAY, entryCount);
  for (let i = 0; i < entryCount; i++) {
    const entry = entries[i];
    if (entry === undefined) break;
    const { bytes, dataStart, dataEnd, keyBytes, keyStart, keyEnd, explicitHashKey } = entry;
    at = writeConstant(out, at, explicitHashKey === '' ? RECORD_OF_TWO : RECORD_OF_THREE);
    at = writeHeader(out, at, MAJOR_BYTES, dataEnd - dataStart);
    copyBytes(bytes, dataStart, dataEnd, out, at);
    at = writeConstant(out, at + dataEnd - dataStart, PARTITION_KEY);
    at = writeHeader(out, at, MAJOR_TEXT, keyEnd - keyStart);
    copyBytes(keyBytes, keyStart, keyEnd, out, at);
    at += keyEnd - keyStart;
    if (explicitHashKey !== '') {
      at = writeConstant(out, at, EXPLICIT_HASH_KEY);
      at = writeHeader(out, at, MAJOR_TEXT, explicitHashKey.length);
      at = writeAscii(out, at, explicitHashKey);
    }
  }
  at = writeConstant(out, at, STREAM_NAME);
  at = writeHeader(out, at, MAJOR_TEXT, streamName.length);
  target.length = writeAscii(out, at, streamName);
}

function bodyBytesMax(request: PutRecordsRequest): number {
  let bytes = BODY_FRAME_BYTES_MAX + request.streamName.length;
  for (let i = 0; i < request.entryCount; i++) {
    const entry = request.entries[i];
    if (entry === undefined) break;
    bytes += RECORD_FRAME_BYTES_MAX + entry.dataEnd - entry.dataStart;
    bytes += entry.keyEnd - entry.keyStart + entry.explicitHashKey.length;
  }
  return bytes;
}

function writeConstant(out: Uint8Array, at: number, constant: Uint8Array): number {
  for (let i = 0; i < constant.length; i++) out[at + i] = constant[i] as number;
  return at + constant.length;
}

/** Text of ASCII characters only: digits, and stream names (`[a-zA-Z0-9_.-]+`). */
function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** The head of an item: major type and count, shortest form; count is 0 … 2^32-1. */
function writeHeader(out: Uint8Array, at: number, major: number, count: number): number {
  if (count < 24) {
    out[at] = major | count;
    return at + 1;
  }
  if (count < 0x100) {
    out[at] = major | 24;
    out[at + 1] = count;
    return at + 2;
  }
  if (count < 0x1_0000) {
    out[at] = major | 25;
    out[at + 1] = count >>> 8;
    out[at + 2] = count;
    return at + 3;
  }
  out[at] = major | 26;
  out[at + 1] = count >>> 24;
  out[at + 2] = count >>> 16;
  out[at + 3] = count >>> 8;
  out[at + 4] = count;
  return at + 5;
}
