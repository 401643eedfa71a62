/**
 * PutRecords in CBOR, read without making an object for each record: the records' places in the body go straight to the
 * call, and the body is what is stored. Anything out of the ordinary returns false: the general path then takes the body
 * and finds the error, if there is one.
 */
import { PUT_RECORDS_COUNT_MAX } from '../../kinesis/limits.ts';
import type { PutCall } from '../core/put-call.ts';
import { isStreamName } from '../operations/member.ts';
import {
  CborCursor,
  CborError,
  INDEFINITE,
  MAJOR_ARRAY,
  MAJOR_BYTES,
  MAJOR_MAP,
  MAJOR_TEXT,
} from './cbor.ts';
import { EntryPlaces } from './entry-places.ts';

const RECORDS = Buffer.from('Records');
const STREAM_NAME = Buffer.from('StreamName');
const DATA = Buffer.from('Data');
const PARTITION_KEY = Buffer.from('PartitionKey');
const EXPLICIT_HASH_KEY = Buffer.from('ExplicitHashKey');

/** Fills the call from a PutRecords body; false when the general path must read it. */
export function readPutRecordsCbor(body: Uint8Array, call: PutCall): boolean {
  call.count = 0;
  call.streamName = '';
  call.operation = 'PutRecords';
  call.body = body;
  try {
    return readRequest(new CborCursor(body), call);
  } catch (thrown) {
    if (thrown instanceof CborError) return false;
    throw thrown;
  }
}

function readRequest(cursor: CborCursor, call: PutCall): boolean {
  if (cursor.head() !== MAJOR_MAP) return false;
  const count = cursor.argument;
  for (let i = 0; count === INDEFINITE ? !cursor.atBreak() : i < count; i++) {
    if (!readString(cursor, MAJOR_TEXT)) return false;
    const start = cursor.at - cursor.argument;
    if (isName(cursor, start, RECORDS)) {
      // A second one takes the place of the first: rare enough for the general path.
      if (call.count > 0 || !readRecords(cursor, call)) return false;
    } else if (isName(cursor, start, STREAM_NAME)) {
      call.streamName = readText(cursor);
    } else return false;
  }
  return cursor.at === cursor.bytes.length && call.count > 0 && isStreamName(call.streamName);
}

function isName(cursor: CborCursor, start: number, name: Uint8Array): boolean {
  if (cursor.at - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (cursor.bytes[start + i] !== name[i]) return false;
  return true;
}

function readText(cursor: CborCursor): string {
  const value = cursor.value();
  return typeof value === 'string' ? value : '';
}

function readRecords(cursor: CborCursor, call: PutCall): boolean {
  if (cursor.head() !== MAJOR_ARRAY) return false;
  const count = cursor.argument;
  const places = new EntryPlaces();
  for (let i = 0; count === INDEFINITE ? !cursor.atBreak() : i < count; i++) {
    if (call.count === PUT_RECORDS_COUNT_MAX || !readRecord(cursor, call, places)) return false;
  }
  return true;
}

function readRecord(cursor: CborCursor, call: PutCall, places: EntryPlaces): boolean {
  if (cursor.head() !== MAJOR_MAP) return false;
  const members = cursor.argument;
  places.clear();
  for (let i = 0; members === INDEFINITE ? !cursor.atBreak() : i < members; i++) {
    if (!readMember(cursor, places)) return false;
  }
  return places.addTo(call);
}

function readMember(cursor: CborCursor, places: EntryPlaces): boolean {
  if (!readString(cursor, MAJOR_TEXT)) return false;
  const nameStart = cursor.at - cursor.argument;
  if (isName(cursor, nameStart, DATA)) {
    if (!readString(cursor, MAJOR_BYTES)) return false;
    places.dataStart = cursor.at - cursor.argument;
    places.dataEnd = cursor.at;
  } else if (isName(cursor, nameStart, PARTITION_KEY)) {
    if (!readString(cursor, MAJOR_TEXT)) return false;
    places.keyStart = cursor.at - cursor.argument;
    places.keyEnd = cursor.at;
  } else if (isName(cursor, nameStart, EXPLICIT_HASH_KEY)) {
    places.hashKey = readText(cursor);
    return places.hashKey !== '';
  } else return false;
  return true;
}

/** Passes over a definite string of `major`; its bytes end at the cursor and `argument` is their number. */
function readString(cursor: CborCursor, major: number): boolean {
  if (cursor.head() !== major || cursor.argument === INDEFINITE) return false;
  cursor.at += cursor.argument;
  return cursor.at <= cursor.bytes.length;
}
