import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBuffer } from '../../src/core/byte-buffer.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';
import { PutRecordsAnswer, type PutRecordsEntry } from '../../src/kinesis/put-records.ts';
import { type KinesisRecord, KinesisRecordPool } from '../../src/producer/kinesis-record.ts';
import { LoneRecords } from '../../src/producer/lone.ts';
import { BEHAVIOURS, type ProfileName } from '../../src/producer/settings.ts';
import { writeCborBody } from '../../src/transport/cbor-body.ts';
import { decodeCbor } from '../transport/cbor-decoder.ts';
import { SETTINGS } from './harness.ts';

interface Made {
  readonly record: KinesisRecord;
  readonly data: string;
  readonly key: string;
  readonly hashKey: string | undefined;
}

function maker({
  profile = 'shardstorm' as ProfileName,
  ordered = false,
  aggregates = false,
} = {}) {
  const keys = new KeyTable();
  const pool = new KinesisRecordPool(1 << 20);
  const { aggregation } = SETTINGS;
  const lone = new LoneRecords({
    settings: { ...SETTINGS, ordered, aggregation: { ...aggregation, enabled: aggregates } },
    behaviour: BEHAVIOURS[profile],
    containerKey: 'a',
    keys,
    pool,
    hasContents: true,
  });
  const make = (length: number, key: string, hash: readonly number[] | null): Made => {
    const base = keys.add(Buffer.from(key));
    const id = hash === null ? base : keys.addExplicit(base, Uint32Array.from(hash));
    const payload = Buffer.alloc(length + 5, `${key}${length}`);
    const record = lone.make(id, payload, 3, length);
    const sendsHashKey = hash !== null || BEHAVIOURS[profile].sendsHashKey === 'always';
    return {
      record,
      data: payload.toString('base64', 3, 3 + length),
      key,
      hashKey: sendsHashKey ? keys.decimalHashKey(id) : undefined,
    };
  };
  return { make, pool };
}

/** The entries as a reader of the body sees them. */
function sent(entries: readonly PutRecordsEntry[]): unknown {
  const body = new ByteBuffer(16);
  const entryCount = entries.length;
  writeCborBody({ streamName: 's', entries, entryCount, answer: new PutRecordsAnswer() }, body);
  const decoded = decodeCbor(Buffer.from(body.bytes.subarray(0, body.length))) as {
    Records: { Data: Uint8Array; PartitionKey: string; ExplicitHashKey?: string }[];
  };
  return decoded.Records.map(({ Data, PartitionKey, ExplicitHashKey }) => [
    Buffer.from(Data).toString('base64'),
    PartitionKey,
    ExplicitHashKey,
  ]);
}

const expected = (made: readonly Made[]) =>
  made.map(({ data, key, hashKey }) => [data, key, hashKey]);
const unframed = ({ record }: Made): PutRecordsEntry => ({
  bytes: record.bytes,
  dataStart: record.dataStart,
  dataEnd: record.dataEnd,
  keyBytes: record.keyBytes,
  keyStart: record.keyStart,
  keyEnd: record.keyEnd,
  explicitHashKey: record.explicitHashKey,
  frameStart: 0,
  frameEnd: 0,
  keyId: record.keyId,
  keyGeneration: record.keyGeneration,
});

const hash = fc.option(
  fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 4, maxLength: 4 }),
);
const length = fc.oneof(
  fc.nat(300),
  fc.constantFrom(0, 23, 24, 255, 256, 3900, 4000, 4031, 4032, 4096, 5000, 65_536, 70_000),
);
const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
  fc.constant('k'),
);

/** What happens to the records: made, settled, or told to wait for long. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('make' as const), length, key, hash }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('own' as const), at: fc.nat() }) },
);

describe('lone records', () => {
  it('keep their bytes, whatever is made, moved out and released around them', () => {
    const options = fc.record({
      profile: fc.constantFrom('shardstorm' as const, 'kpl' as const, 'sdk-batch' as const),
      ordered: fc.boolean(),
      aggregates: fc.boolean(),
    });
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 120 }), (how, steps) => {
        const { make, pool } = maker(how);
        const held: Made[] = [];
        for (const one of steps) {
          if (one.kind === 'make') held.push(make(one.length, one.key, one.hash));
          else if (held.length > 0) {
            const at = one.at % held.length;
            const { record } = held[at]!;
            if (one.kind === 'own') pool.own(record);
            else {
              pool.release(record);
              held.splice(at, 1);
            }
          }
        }
        expect(sent(held.map(({ record }) => record))).toEqual(expected(held));
        expect(sent(held.map(unframed))).toEqual(expected(held));
      }),
      { numRuns: 120 },
    );
  });

  it('lie one behind the other, and in the same memory again when all have left', () => {
    const { make, pool } = maker();
    const first = Array.from({ length: 300 }, (_, i) => make(100, `k${i % 10}`, null).record);
    first.slice(1).forEach((record, i) => {
      expect(record.bytes).toBe(first[i]!.bytes);
      expect(record.frameStart).toBe(first[i]!.frameEnd);
    });
    const memory = first[0]!.bytes;
    for (const record of first) pool.release(record);
    const again = make(100, 'k', null).record;
    expect(again.bytes).toBe(memory);
    expect(again.frameStart).toBe(0);
  });

  it('that wait for long hold no more memory than their own', () => {
    const { make, pool } = maker();
    const { record } = make(100, 'key', null);
    const slab = record.bytes;
    pool.own(record);
    expect(record.bytes).not.toBe(slab);
    expect(record.bytes.buffer.byteLength).toBeLessThan(300);
    expect(make(100, 'key', null).record.frameStart).toBe(0);
  });

  it('too large for a slab have buffers of their own', () => {
    const { make } = maker();
    expect(make(4050, 'key', null).record.slab).toBeNull();
    expect(make(3900, 'key', null).record.slab).not.toBeNull();
  });
});
