import fc from 'fast-check';
import {
  PutRecordsAnswer,
  type PutRecordsEntry,
  type PutRecordsRequest,
} from '../../src/kinesis/put-records.ts';

export interface EntryValues {
  readonly data: Uint8Array;
  readonly key: string;
  readonly explicitHashKey: string;
}

/**
 * An entry whose data and key are views into the middle of larger buffers, as the producer's are.
 */
function entryOf({ data, key, explicitHashKey }: EntryValues): PutRecordsEntry {
  const bytes = Buffer.concat([Buffer.from([1, 2, 3]), data, Buffer.from([4])]);
  const text = Buffer.from(key);
  const keyBytes = Buffer.concat([Buffer.from('x'), text, Buffer.from('yz')]);
  return {
    bytes,
    dataStart: 3,
    dataEnd: 3 + data.length,
    keyBytes,
    keyStart: 1,
    keyEnd: 1 + text.length,
    explicitHashKey,
    frameStart: 0,
    frameEnd: 0,
    keyId: -1,
    keyGeneration: -1,
  };
}

/** A request of these entries, followed by one that is not part of it. */
export function requestOf(
  values: readonly EntryValues[],
  streamName = 'clicks',
): PutRecordsRequest {
  const stale = entryOf({ data: Buffer.from('stale'), key: 'stale', explicitHashKey: '' });
  return {
    streamName,
    entries: [...values.map(entryOf), stale],
    entryCount: values.length,
    answer: new PutRecordsAnswer(),
  };
}

/** Keys of 1 … 256 characters of all scripts, controls, quotes and backslashes included. */
const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }),
  fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
  fc.constantFrom('"', '\\', '\u0000', '\u001f\u007f', '\u2028', '名前', '🦀', 'a'.repeat(256)),
);
const data = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 200, max: 70_000 }).map((length) => new Uint8Array(length).fill(length)),
  // Where a length takes another form, on both wires.
  fc
    .constantFrom(23, 24, 150, 151, 255, 256, 65_535, 65_536)
    .map((length) => new Uint8Array(length)),
);
const explicitHashKey = fc.oneof(
  fc.constant(''),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map(String),
);

export const entryValues: fc.Arbitrary<EntryValues> = fc.record({ data, key, explicitHashKey });
export const streamName = fc.string({
  minLength: 1,
  maxLength: 128,
  unit: fc.constantFrom(...'abcXYZ019_.-'),
});
