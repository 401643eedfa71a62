import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBlock } from '../../src/core/record-block.ts';
import { createGenerator } from '../../src/generate/generator.ts';
import type { RecordKind } from '../../src/generate/kinds.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';
import {
  chiSquareAccepts,
  fixedPayload,
  kindOf,
  make,
  ORIGIN_EPOCH_US,
  range,
  STAMP,
} from './support.ts';

const template = { id: '{{uuid}}', key: '{{key}}', at: '{{now}}', n: '{{int 1 9}}' };
const lognormal = { kind: 'lognormal', medianBytes: 90, p99Bytes: 900, maxBytes: 2000 } as const;
const zipf = { kind: 'zipf', cardinality: 5000, exponent: 1.1, prefix: 'z-' } as const;
const mixed: readonly RecordKind[] = [
  kindOf({
    weight: 5,
    partitionKey: zipf,
    payload: { kind: 'random', size: lognormal, compressible: 0.3 },
    stamp: true,
  }),
  kindOf({ weight: 3, payload: { kind: 'json', size: lognormal, template }, stamp: true }),
  kindOf({
    weight: 2,
    partitionKey: { kind: 'template', template: 'user-{{hex 6}}' },
    payload: fixedPayload(33),
  }),
];

describe('generator', () => {
  it('makes the same record whoever makes it, in whatever blocks', () => {
    const whole = make(mixed, range(700));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 300 }),
        (workers, capacity) => {
          const parts = range(workers).flatMap((worker) =>
            make(
              mixed,
              range(700).filter((index) => index % workers === worker),
              { capacity },
            ),
          );
          expect(parts.sort((a, b) => a.index - b.index)).toEqual(whole);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('makes other records for another seed', () => {
    const [first, second] = [1, 2].map((seed) => make(mixed, range(50), { seed }));
    expect(second).not.toEqual(first);
  });

  it('lets no payload overlap another', () => {
    const block = new RecordBlock(500, 0);
    const files = mixed.map(() => null);
    const generator = createGenerator({
      records: mixed,
      seed: 3,
      keys: new KeyTable(),
      stamp: STAMP,
      files,
    });
    block.count = 500;
    range(500).forEach((i) => {
      block.index[i] = i;
    });
    generator.fill(block, 0);
    let end = 0;
    for (let i = 0; i < block.count; i++) {
      expect(block.payloadStart[i]).toBeGreaterThanOrEqual(end);
      end = block.payloadStart[i]! + block.payloadLength[i]!;
      expect(block.payloadLength[i]).toBeLessThanOrEqual(generator.payloadBytesMax);
    }
    expect(end).toBeLessThanOrEqual(block.payloads.length);
  });

  it('leaves the records before `from` as they are', () => {
    const keys = new KeyTable();
    const generator = createGenerator({
      records: mixed,
      seed: 3,
      keys,
      stamp: STAMP,
      files: [null, null, null],
    });
    const block = new RecordBlock(8, 0);
    block.index.set([5, 6, 7, 8]);
    block.count = 2;
    generator.fill(block, 0);
    const before = [block.payloadStart[1], block.payloadLength[1], block.keyId[1]];
    block.count = 4;
    generator.fill(block, 2);
    expect([block.payloadStart[1], block.payloadLength[1], block.keyId[1]]).toEqual(before);
    expect(block.payloadStart[2]).toBeGreaterThanOrEqual(before[0]! + before[1]!);
  });

  it('mixes kinds by their weights', () => {
    const kinds = [40, 200, 1].map((bytes, i) =>
      kindOf({ weight: [5, 3, 2][i]!, payload: fixedPayload(bytes) }),
    );
    const seen = [0, 0, 0];
    for (const { payload } of make(kinds, range(20_000)))
      seen[[40, 200, 1].indexOf(payload.length)]! += 1;
    expect(chiSquareAccepts(seen, [10_000, 6000, 4000])).toBe(true);
  });

  it('interns keys once, and starts afresh when the table is full', () => {
    const keys = new KeyTable(256);
    const uniform = { kind: 'uniform', cardinality: 1e6, prefix: 'u' } as const;
    const few = make([kindOf({ partitionKey: uniform })], range(3000), { keys, capacity: 64 });
    const many = make([kindOf({ partitionKey: uniform })], range(3000), { capacity: 64 });
    expect(few).toEqual(many);
    expect(keys.generation).toBeGreaterThan(10);
    expect(keys.size).toBeLessThanOrEqual(256);
    const small = new KeyTable();
    make(
      [kindOf({}), kindOf({ partitionKey: { kind: 'template', template: 't{{int 1 9}}' } })],
      range(5000),
      { keys: small },
    );
    expect(small.size).toBe(109);
  });

  it('finds keys again in a cache smaller than their number', () => {
    const keys = new KeyTable(4096);
    const key = { kind: 'zipf', cardinality: 1e9, exponent: 1.5, prefix: '' } as const;
    const made = make([kindOf({ partitionKey: key })], range(2000), { keys });
    expect(keys.generation).toBe(0);
    expect(keys.size).toBe(new Set(made.map((record) => record.key)).size);
  });
});

describe('random payloads', () => {
  it.each([0, 0.25, 0.5, 0.9, 1])('deflate to what is left of compressible %d', (compressible) => {
    const records = make([kindOf({ payload: fixedPayload(1000, compressible) })], range(400));
    const all = Buffer.concat(records.map(({ payload }) => payload));
    const ratio = deflateSync(all, { level: 9 }).length / all.length;
    expect(Math.abs(ratio - (1 - compressible))).toBeLessThan(0.03);
  });

  it('have even bytes, in every place', () => {
    const records = make([kindOf({ payload: fixedPayload(64) })], range(4000));
    for (const place of [0, 17, 63]) {
      const seen = new Array<number>(256).fill(0);
      for (const { payload } of records) seen[payload[place]!]! += 1;
      expect(chiSquareAccepts(seen, new Array(256).fill(4000 / 256))).toBe(true);
    }
    expect(new Set(records.map(({ payload }) => payload.toString('hex'))).size).toBe(4000);
  });

  it('are random to the end when they are longer than the pool', () => {
    const [record] = make([kindOf({ payload: fixedPayload(300_001) })], [1]);
    expect(record!.payload.length).toBe(300_001);
    expect(deflateSync(record!.payload).length).toBeGreaterThan(299_000);
  });

  it('may be empty', () => {
    expect(make([kindOf({ payload: fixedPayload(0) })], [1, 2])[1]!.payload.length).toBe(0);
  });
});

describe('stamps', () => {
  // Record 9: producer 2, sequence 1, due 9002.25 us after 1764000000123456.
  const golden = `535376310102030405060708000200000000000000000001${hex64(ORIGIN_EPOCH_US + 9002)}`;

  it('are the first 32 bytes of a binary payload', () => {
    const [record] = make([kindOf({ payload: fixedPayload(40), stamp: true })], [9]);
    expect(record!.payload.subarray(0, 32).toString('hex')).toBe(golden);
    expect(record!.payload.length).toBe(40);
  });

  it('are the first member of a JSON payload', () => {
    const payload = { kind: 'json', size: null, template: { a: 1 } } as const;
    const [record] = make([kindOf({ payload, stamp: true })], [9]);
    const text = Buffer.from(golden, 'hex').toString('base64url');
    expect(record!.payload.toString()).toBe(`{"_stamp":"${text}","a":1}`);
    const [empty] = make([kindOf({ payload: { ...payload, template: {} }, stamp: true })], [9]);
    expect(empty!.payload.toString()).toBe(`{"_stamp":"${text}"}`);
  });
});

function hex64(value: number): string {
  return value.toString(16).padStart(16, '0');
}
