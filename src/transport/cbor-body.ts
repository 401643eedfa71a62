import { type ByteBuffer, copyBytes } from '../core/byte-buffer.ts';
import {
  CBOR_ENTRY_FRAME_BYTES_MAX,
  writeCborAscii,
  writeCborConstant,
  writeCborHead,
  writeEntryHead,
  writeHashKey,
  writeKeyHead,
} from '../kinesis/cbor-entry.ts';
import type { PutRecordsEntry, PutRecordsRequest } from '../kinesis/put-records.ts';

const LATIN1 = 'latin1';
const RECORDS = Buffer.from('\xa2\x67Records', LATIN1);
const STREAM_NAME = Buffer.from('\x6aStreamName', LATIN1);
const MAJOR_ARRAY = 0x80;

/** Bytes around the records at the most; a stream name has at most 128 characters. */
const BODY_FRAME_BYTES_MAX = 64;

/**
 * Writes the body of a PutRecords call in the service's CBOR (JSON 1.1's members, blobs as byte
 * strings), replacing what `target` holds. Entries that the producer has framed, one behind the
 * other, are copied together.
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
  let at = writeCborConstant(out, 0, RECORDS);
  at = writeCborHead(out, at, MAJOR_ARRAY, entryCount);
  for (let i = 0; i < entryCount; ) {
    const entry = entries[i++];
    if (entry === undefined) break;
    const { bytes, frameStart } = entry;
    let { frameEnd } = entry;
    if (frameEnd === 0) {
      at = writeEntry(out, at, entry);
      continue;
    }
    for (; i < entryCount; i++) {
      const next = entries[i];
      if (next?.frameStart !== frameEnd || next.bytes !== bytes) break;
      frameEnd = next.frameEnd;
    }
    copyBytes(bytes, frameStart, frameEnd, out, at);
    at += frameEnd - frameStart;
  }
  at = writeCborConstant(out, at, STREAM_NAME);
  target.length = writeCborAscii(out, at, streamName);
}

function writeEntry(out: Uint8Array, start: number, entry: PutRecordsEntry): number {
  const { bytes, dataStart, dataEnd, keyBytes, keyStart, keyEnd, explicitHashKey } = entry;
  let at = writeEntryHead(out, start, explicitHashKey, dataEnd - dataStart);
  copyBytes(bytes, dataStart, dataEnd, out, at);
  at = writeKeyHead(out, at + dataEnd - dataStart, keyEnd - keyStart);
  copyBytes(keyBytes, keyStart, keyEnd, out, at);
  return writeHashKey(out, at + keyEnd - keyStart, explicitHashKey);
}

function bodyBytesMax(request: PutRecordsRequest): number {
  let bytes = BODY_FRAME_BYTES_MAX + request.streamName.length;
  for (let i = 0; i < request.entryCount; i++) {
    const entry = request.entries[i];
    if (entry === undefined) break;
    bytes += CBOR_ENTRY_FRAME_BYTES_MAX + entry.dataEnd - entry.dataStart;
    bytes += entry.keyEnd - entry.keyStart + entry.explicitHashKey.length;
  }
  return bytes;
}
