import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deaggregator, NO_HASH_KEY } from '../../src/verify/deaggregate.ts';
import { aggregate, sealed, type UserRecord } from './builders.ts';

interface Vector {
  readonly what: string;
  readonly records: readonly { key: string; hashKey: string | null; dataHex: string }[];
  readonly partitionKey: string;
  readonly dataHex: string;
}
const VECTORS: Vector[] = JSON.parse(
  readFileSync(new URL('../fixtures/aggregates.json', import.meta.url), 'utf8'),
);

const reader = new Deaggregator();

/** What the reader found, as objects. */
function read(bytes: Uint8Array) {
  const form = reader.read(bytes);
  const text = (start = 0, end = 0) => Buffer.from(bytes.subarray(start, end)).toString('utf8');
  const records = Array.from({ length: reader.count }, (_, i) => {
    const key = reader.keyIndex[i] ?? 0;
    const hashKey = reader.hashKeyIndex[i] ?? NO_HASH_KEY;
    const isIn = form === 'aggregate';
    return {
      key: isIn ? text(reader.keys.start[key], reader.keys.end[key]) : null,
      hashKey:
        isIn && hashKey !== NO_HASH_KEY
          ? text(reader.hashKeys.start[hashKey], reader.hashKeys.end[hashKey])
          : null,
      dataHex: Buffer.from(bytes.subarray(reader.data.start[i], reader.data.end[i])).toString(
        'hex',
      ),
    };
  });
  return { form, records };
}

const userRecord: fc.Arbitrary<UserRecord> = fc
  .record({
    key: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    data: fc.uint8Array({ maxLength: 300 }),
    hashKey: fc.option(fc.bigInt(0n, (1n << 128n) - 1n).map(String), { nil: undefined }),
  })
  .map(({ key, data, hashKey }) =>
    hashKey === undefined ? { key, data } : { key, data, hashKey },
  );

describe('Deaggregator', () => {
  it.each(VECTORS)('reads $what', ({ records, dataHex }) => {
    const found = read(Buffer.from(dataHex, 'hex'));
    if (found.form === 'lone') {
      expect(found.records.map((one) => one.dataHex)).toEqual(records.map((one) => one.dataHex));
    } else {
      expect(found).toEqual({ form: 'aggregate', records });
    }
  });

  it('reads whatever an encoder writes, tables before or behind the records', () => {
    fc.assert(
      fc.property(fc.array(userRecord, { minLength: 1, maxLength: 600 }), (records) => {
        const expected = records.map(({ key, data, hashKey }) => ({
          key,
          hashKey: hashKey ?? null,
          dataHex: Buffer.from(data).toString('hex'),
        }));
        expect(read(aggregate(records))).toEqual({ form: 'aggregate', records: expected });
      }),
      { numRuns: 50 },
    );
    const key = Buffer.from([0x0a, 1, 0x6b]);
    const record = Buffer.from([0x1a, 5, 8, 0, 0x1a, 1, 0x31]);
    expect(read(sealed(Buffer.concat([record, key])))).toEqual({
      form: 'aggregate',
      records: [{ key: 'k', hashKey: null, dataHex: '31' }],
    });
  });

  it('passes over fields it does not know, and tags', () => {
    const record = Buffer.from([0x1a, 9, 8, 0, 0x1a, 1, 0x31, 0x22, 2, 0x0a, 0]);
    const message = Buffer.concat([Buffer.from([0x0a, 1, 0x6b, 0x28, 0x96, 0x01]), record]);
    expect(read(sealed(message)).records).toEqual([{ key: 'k', hashKey: null, dataHex: '31' }]);
  });

  it('takes for one record as it is what has no magic or is too short', () => {
    for (const text of ['', 'f3', 'f3899ac2', `f3899ac2${'00'.repeat(16)}`, '00'.repeat(40)]) {
      const bytes = Buffer.from(text, 'hex');
      expect(read(bytes)).toEqual({
        form: 'lone',
        records: [{ key: null, hashKey: null, dataHex: text }],
      });
    }
  });

  it('tells a wrong checksum from a message that cannot be read', () => {
    const good = aggregate([{ key: 'k', data: Buffer.from('one') }]);
    fc.assert(
      fc.property(fc.integer({ min: 4, max: good.length - 1 }), (place) => {
        const bad = Buffer.from(good);
        bad[place] = (bad[place] ?? 0) ^ 1;
        expect(read(bad).form).toBe('wrong-digest');
      }),
    );
    const noKey = Buffer.from([0x1a, 5, 8, 0, 0x1a, 1, 0x31]);
    const noData = Buffer.from([0x0a, 1, 0x6b, 0x1a, 2, 8, 0]);
    const tooLong = Buffer.from([0x0a, 9, 0x6b]);
    for (const message of [noKey, noData, tooLong, Buffer.from([0x0b])]) {
      expect(read(sealed(message)).form).toBe('malformed');
    }
  });

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['aggregate', 'malformed']).toContain(
          reader.read(sealed(Buffer.from([1, ...bytes]))),
        );
      }),
      { numRuns: 500 },
    );
  });
});
