/**
 * Payload files and recordings: the only place of generate/ that reads files. In: paths and columns. Out: rows end to end in
 * one buffer. Everything is checked when it is read, so that nothing can go wrong while records are sent.
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ByteBuffer } from '../core/byte-buffer.ts';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { formatBytes } from '../core/units.ts';
import { PARTITION_KEY_CHARACTERS_MAX, RECORD_BYTES_MAX } from '../kinesis/limits.ts';
import { type FileFormat, type RowVisitor, visitRows } from './file-rows.ts';
import type { RecordKind } from './kinds.ts';
import type { PayloadFile } from './payload-file.ts';
import { timeUsOf, toOffsetsUs } from './time-column.ts';

/** For each kind of record: its file, or null if its payload is not from a file. Index = kind. */
export type PayloadFiles = readonly (PayloadFile | null)[];

/** What a replaying phase says about its recording. */
export interface ReplayPhase {
  readonly rate:
    | { readonly kind: 'replay'; readonly file: string; readonly timeColumn: string }
    | { readonly kind: Exclude<string, 'replay'> };
}

/** A file is held in memory whole, once in each worker thread. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Reads the files of all kinds of record; a file that several kinds use in the same way is read once.
 * @param baseDirectory what relative paths start from
 * @throws SHARDSTORM_SCENARIO_INVALID naming file, line and, where there is one, column
 */
export function loadPayloadFiles(
  records: readonly RecordKind[],
  baseDirectory: string,
): PayloadFiles {
  const loaded = new Map<string, PayloadFile>();
  return records.map(({ payload, partitionKey }) => {
    if (payload.kind !== 'file') return null;
    const path = resolve(baseDirectory, payload.file);
    const column = partitionKey.kind === 'column' ? partitionKey.column : null;
    const use = JSON.stringify([path, payload.format, column]);
    const file = loaded.get(use) ?? readPayloadFile(path, payload.format, column);
    loaded.set(use, file);
    return file;
  });
}

/**
 * Reads the times of all phases that replay a recording: offsets from the earliest, in microseconds, in the file's order.
 * Index = phase; null for the other phases.
 * @throws SHARDSTORM_SCENARIO_INVALID naming file, line and column
 */
export function loadReplayTimes(
  phases: readonly ReplayPhase[],
  baseDirectory: string,
): (Float64Array | null)[] {
  return phases.map(({ rate }) => {
    if (!('timeColumn' in rate)) return null;
    const path = resolve(baseDirectory, rate.file);
    const times: number[] = [];
    readRows(path, formatOf(path), rate.timeColumn, (_bytes, _from, _to, value, line) => {
      const time = timeUsOf(value);
      if (time === null) {
        const what = `column "${rate.timeColumn}": "${value}" is not a time`;
        throw fileError(`${path}:${line}: ${what}`, 'Use ISO 8601, or numbers.');
      }
      times.push(time);
    });
    return toOffsetsUs(times);
  });
}

function readPayloadFile(path: string, format: FileFormat, column: string | null): PayloadFile {
  const text = new ByteBuffer(64 * 1024);
  const keys = new ByteBuffer(1024);
  const ends: number[] = [];
  const keyEnds: number[] = [];
  const objects: number[] = [];
  let rowBytesMax = 0;
  readRows(path, format, column, (bytes, from, to, value, line) => {
    if (to - from > RECORD_BYTES_MAX) {
      const what = `the row has ${formatBytes(to - from)}, a record at most ${formatBytes(RECORD_BYTES_MAX)}`;
      throw fileError(`${path}:${line}: ${what}`, 'Cut or leave out the row.');
    }
    rowBytesMax = Math.max(rowBytesMax, to - from);
    text.append(bytes, from, to);
    ends.push(text.length);
    objects.push(format !== 'csv' && bytes[from] === OPEN_BRACE ? 1 : 0);
    if (column === null) return;
    if (value.length < 1 || value.length > PARTITION_KEY_CHARACTERS_MAX) {
      const what = `column "${column}" has ${value.length} characters, a partition key 1 to ${PARTITION_KEY_CHARACTERS_MAX}`;
      throw fileError(`${path}:${line}: ${what}`, 'Choose another column.');
    }
    keys.appendText(value);
    keyEnds.push(keys.length);
  });
  return {
    rows: ends.length,
    text: text.bytes.subarray(0, text.length),
    end: Uint32Array.from(ends),
    isObject: Uint8Array.from(objects),
    keyText: keys.bytes.subarray(0, keys.length),
    keyEnd: Uint32Array.from(keyEnds),
    rowBytesMax,
  };
}

const OPEN_BRACE = 0x7b;

function readRows(
  path: string,
  format: FileFormat,
  column: string | null,
  visit: RowVisitor,
): void {
  let rows = 0;
  visitRows(readBytes(path), format, path, column, (bytes, from, to, value, line) => {
    rows++;
    visit(bytes, from, to, value, line);
  });
  if (rows === 0) throw fileError(`${path}: has no rows`, 'Give a file with at least one row.');
}

function readBytes(path: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) {
      const what = `${path}: ${formatBytes(size)}, at most ${formatBytes(FILE_BYTES_MAX)} are read`;
      throw fileError(what, 'Cut the file: its rows are repeated as often as needed.');
    }
    return readFileSync(path);
  } catch (thrown) {
    if (thrown instanceof ShardstormError) throw thrown;
    throw fileError(
      `${path}: cannot be read: ${describeCause(thrown)}`,
      'Check the path; it is relative to the scenario file.',
    );
  }
}

function formatOf(path: string): FileFormat {
  if (/\.csv$/i.test(path)) return 'csv';
  return /\.json$/i.test(path) ? 'json' : 'ndjson';
}

function fileError(message: string, hint: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_SCENARIO_INVALID', message, { hint });
}
