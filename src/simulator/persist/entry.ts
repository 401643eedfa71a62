/**
 * What one call stored, as an entry of a segment. Little-endian; every part begins at a multiple of 8 bytes from the
 * entry's start.
 *
 * ```
 * ┌────────┬────────┬────────┬─────────┬──────────┬─────────┬──────────┬─────────────────┬────────────────┐
 * │ "SSe1" │ CRC-32 │ bytes  │ records │ refused  │ bytes   │ bytes of │ arrived, stream │ name, indexes, │
 * │        │ of the │ of the │ stored  │ records  │ of the  │ stream   │ created, in ms: │ shards, spans, │
 * │        │ rest   │ rest   │         │          │ body    │ name     │ two doubles     │ body           │
 * └────────┴────────┴────────┴─────────┴──────────┴─────────┴──────────┴─────────────────┴────────────────┘
 *     4        4        4         4         4          4         4 (+4)         16          8+8n, 4n, 16n, …
 * ```
 */
import { crc32 } from 'node:zlib';
import { PUT_RECORDS_COUNT_MAX } from '../../kinesis/limits.ts';
import type { Damaged } from '../core/damage.ts';
import { ACCEPTED, type PutCall } from '../core/put-call.ts';
import { SPAN_WORDS, type StoredBody } from '../core/record-store.ts';

/** "SSe1" */
const MAGIC = 0x31655353;
const MAGIC_BYTES = Buffer.from('SSe1');
const CHECKED_FROM = 8;
const FIXED_BYTES = 48;
const NAME_BYTES = 128;
const WORDS_BYTES = 4 * (1 + SPAN_WORDS);
/** Planted damage may double every record. */
const RECORDS_MAX = PUT_RECORDS_COUNT_MAX * 2;
const FRAME_BYTES_MAX = FIXED_BYTES + NAME_BYTES + RECORDS_MAX * (8 + WORDS_BYTES) + 8;

/** An entry that was read. */
export interface Entry {
  readonly streamName: string;
  readonly streamCreatedMs: number;
  readonly arrivedMs: number;
  readonly refusedCount: number;
  /** Of each record: its index in its shard, and the shard's number. */
  readonly indexes: Float64Array;
  readonly shards: Uint32Array;
  readonly spans: Uint32Array;
  /** A part of what was read, not a copy. */
  readonly body: Buffer;
  /** Place after it. */
  readonly end: number;
}

/** Makes entries in one buffer that is used again. */
export class EntryWriter {
  readonly #frame = Buffer.alloc(FRAME_BYTES_MAX);

  /** The two parts of an entry; the first one is valid until the next call. */
  encode(
    call: PutCall,
    stream: { readonly name: string; readonly createdMs: number },
    body: StoredBody,
    damaged: Damaged | null,
  ): readonly [Buffer, Uint8Array] {
    const frame = this.#frame;
    const { bytes, spans, recordCount: count } = body;
    const nameBytes = frame.write(stream.name, FIXED_BYTES, 'latin1');
    const indexAt = eighths(FIXED_BYTES + nameBytes);
    const shardAt = indexAt + count * 8;
    const spanAt = shardAt + count * 4;
    const end = eighths(spanAt + spans.byteLength);
    const indexes = new Float64Array(frame.buffer, frame.byteOffset + indexAt, count);
    const shards = new Uint32Array(frame.buffer, frame.byteOffset + shardAt, count);
    if (damaged === null) placesOf(call, indexes, shards);
    else {
      indexes.set(damaged.indexes);
      shards.set(damaged.shards);
    }
    frame.set(new Uint8Array(spans.buffer, spans.byteOffset, spans.byteLength), spanAt);
    frame.writeUInt32LE(MAGIC, 0);
    frame.writeUInt32LE(end + bytes.length - CHECKED_FROM, 8);
    frame.writeUInt32LE(count, 12);
    frame.writeUInt32LE(call.refusedCount, 16);
    frame.writeUInt32LE(bytes.length, 20);
    frame.writeUInt32LE(nameBytes, 24);
    frame.writeDoubleLE(body.arrivedMs, 32);
    frame.writeDoubleLE(stream.createdMs, 40);
    const head = frame.subarray(0, end);
    frame.writeUInt32LE(crc32(bytes, crc32(head.subarray(CHECKED_FROM))), 4);
    return [head, bytes];
  }
}

/** Writes where the accepted records of a call are. */
function placesOf(call: PutCall, indexes: Float64Array, shards: Uint32Array): void {
  let place = 0;
  for (let i = 0; i < call.count; i++) {
    if (call.recordOutcome[i] !== ACCEPTED) continue;
    indexes[place] = call.sequenceIndex[i] as number;
    shards[place++] = call.shard[i] as number;
  }
}

/** Where the next entry that is whole begins, from `at` on; the file's length when there is none. */
export function nextEntryAt(file: Buffer, at: number): number {
  let place = file.indexOf(MAGIC_BYTES, at);
  while (place >= 0 && readEntry(file, place) === null) {
    place = file.indexOf(MAGIC_BYTES, place + 1);
  }
  return place < 0 ? file.length : place;
}

/** The entry at `at`; null when there is none that is whole. */
export function readEntry(file: Buffer, at: number): Entry | null {
  if (at + FIXED_BYTES > file.length || file.readUInt32LE(at) !== MAGIC) return null;
  const end = at + CHECKED_FROM + file.readUInt32LE(at + 8);
  if (end < at + FIXED_BYTES || end > file.length) return null;
  if (crc32(file.subarray(at + CHECKED_FROM, end)) !== file.readUInt32LE(at + 4)) return null;
  const count = file.readUInt32LE(at + 12);
  const nameEnd = at + FIXED_BYTES + file.readUInt32LE(at + 24);
  const bodyAt = end - file.readUInt32LE(at + 20);
  const indexAt = at + eighths(nameEnd - at);
  const shardAt = indexAt + count * 8;
  const spanAt = shardAt + count * 4;
  return {
    streamName: file.toString('latin1', at + FIXED_BYTES, nameEnd),
    arrivedMs: file.readDoubleLE(at + 32),
    streamCreatedMs: file.readDoubleLE(at + 40),
    refusedCount: file.readUInt32LE(at + 16),
    indexes: new Float64Array(copyOf(file, indexAt, shardAt)),
    shards: new Uint32Array(copyOf(file, shardAt, spanAt)),
    spans: new Uint32Array(copyOf(file, spanAt, spanAt + count * SPAN_WORDS * 4)),
    body: file.subarray(bodyAt, end),
    end,
  };
}

/** Views need their own alignment, so the bytes are copied. */
function copyOf(file: Buffer, from: number, to: number): ArrayBuffer {
  const bytes = new Uint8Array(to - from);
  file.copy(bytes, 0, from, to);
  return bytes.buffer;
}

function eighths(bytes: number): number {
  return (bytes + 7) & ~7;
}
