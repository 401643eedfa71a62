import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBuffer } from '../../src/core/byte-buffer.ts';
import type { PutRecordsRequest } from '../../src/kinesis/put-records.ts';
import { writeCborBody } from '../../src/transport/cbor-body.ts';
import { writeJsonBody } from '../../src/transport/json-body.ts';
import { type CborValue, decodeCbor } from './cbor-decoder.ts';
import { type EntryValues, entryValues, requestOf, streamName } from './put-records-builder.ts';

type Write = (request: PutRecordsRequest, target: ByteBuffer) => void;

function written(write: Write, values: readonly EntryValues[], stream?: string): Buffer {
  const target = new ByteBuffer(16);
  target.appendText('what the last request left');
  write(requestOf(values, stream), target);
  return Buffer.from(target.bytes.subarray(0, target.length));
}

/** Blobs in base64: comparing them byte by byte would take the test a minute. */
function expected(values: readonly EntryValues[]): unknown[] {
  return values.map(({ data, key, explicitHashKey }) => ({
    Data: Buffer.from(data).toString('base64'),
    PartitionKey: key,
    ...(explicitHashKey === '' ? {} : { ExplicitHashKey: explicitHashKey }),
  }));
}

function blobsAsBase64(value: CborValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(blobsAsBase64);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, blobsAsBase64(v)]));
}

describe('CBOR body', () => {
  it("is exactly the service's map for a known request", () => {
    const body = written(
      writeCborBody,
      [
        { data: Buffer.from([1, 2]), key: 'k', explicitHashKey: '' },
        { data: Buffer.alloc(0), key: 'é', explicitHashKey: '17' },
      ],
      's',
    );
    expect(body.toString('latin1')).toBe(
      '\xa2\x67Records\x82' +
        '\xa2\x64Data\x42\x01\x02\x6cPartitionKey\x61k' +
        '\xa3\x64Data\x40\x6cPartitionKey\x62\xc3\xa9\x6fExplicitHashKey\x6217' +
        '\x6aStreamName\x61s',
    );
  });

  it('decodes to the entries, for any bytes and keys', () => {
    fc.assert(
      fc.property(fc.array(entryValues, { maxLength: 40 }), streamName, (values, stream) => {
        const body = decodeCbor(written(writeCborBody, values, stream));
        expect(blobsAsBase64(body)).toEqual({ Records: expected(values), StreamName: stream });
      }),
      { numRuns: 150 },
    );
  });
});

describe('JSON body', () => {
  it("is exactly the service's object for a known request", () => {
    const body = written(
      writeJsonBody,
      [
        { data: Buffer.from([1, 2]), key: '"\\\n', explicitHashKey: '' },
        { data: Buffer.alloc(0), key: 'é', explicitHashKey: '17' },
      ],
      's',
    );
    expect(body.toString('utf8')).toBe(
      '{"Records":[{"Data":"AQI=","PartitionKey":"\\"\\\\\\u000a"},' +
        '{"Data":"","PartitionKey":"é","ExplicitHashKey":"17"}],"StreamName":"s"}',
    );
  });

  it('parses to the entries, for any bytes and keys', () => {
    fc.assert(
      fc.property(fc.array(entryValues, { maxLength: 40 }), streamName, (values, stream) => {
        expect(JSON.parse(written(writeJsonBody, values, stream).toString('utf8'))).toEqual({
          Records: expected(values),
          StreamName: stream,
        });
      }),
      { numRuns: 150 },
    );
  });
});

it('holds 500 records of the longest key and hash key', () => {
  const longest = {
    data: Buffer.alloc(3),
    key: '\u0001'.repeat(256),
    explicitHashKey: '9'.repeat(39),
  };
  const values = new Array<EntryValues>(500).fill(longest);
  expect(JSON.parse(written(writeJsonBody, values).toString()).Records).toHaveLength(500);
  expect(decodeCbor(written(writeCborBody, values))).toHaveProperty('Records.length', 500);
});
