import { deaggregateSync } from 'aws-kinesis-agg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProfileName } from '../../src/producer/settings.ts';
import { acceptAll, Harness, hashOf, ScriptedTransport } from '../producer/harness.ts';

interface Read {
  readonly PartitionKey?: string;
  readonly ExplicitPartitionKey?: string;
  readonly SubSequenceNumber?: number;
  readonly Data?: string;
}

/** The service's own reader, with its checksum test on; a record in the shape of SDK version 3. */
function read(data: Buffer, partitionKey: string): Read[] {
  let found: Read[] = [];
  const record = {
    Data: data.toString('base64'),
    PartitionKey: partitionKey,
    SequenceNumber: '1',
  };
  deaggregateSync(record as never, true, (error, records) => {
    if (error) throw error;
    found = (records ?? []) as Read[];
  });
  return found;
}

const character = fc.oneof(
  fc.constantFrom('a', 'é', 'ß', '漢', 'ع', 'ก', '😀', '\u0000', '"'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
);
const key = fc
  .array(character, { minLength: 1, maxLength: 256, size: 'max' })
  .map((parts) => parts.join('').slice(0, 256))
  .filter((text) => text.length > 0 && !/\p{Surrogate}/u.test(text));

const records = fc.array(
  fc.record({
    key: fc.oneof(fc.constantFrom('a', 'b', 'c'), key),
    hashKey: fc.option(fc.bigInt(0n, (1n << 128n) - 1n), { freq: 3 }),
    data: fc.uint8Array({ maxLength: 2000 }),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);

describe('aggregates of the producer', () => {
  it('are read by aws-kinesis-agg: keys, hash keys, data, order, checksum', () => {
    fc.assert(
      fc.property(records, fc.constantFrom<ProfileName>('shardstorm', 'kpl'), (input, profile) => {
        let transport: ScriptedTransport | undefined;
        const harness = new Harness({
          settings: { profile },
          transport: (h) => {
            transport = new ScriptedTransport(
              h.clock,
              () => 1000,
              acceptAll(() => h.shards),
            );
            return transport;
          },
        }).ready();
        harness.put(input);
        harness.drain();
        const seen: string[] = [];
        for (const entry of transport?.requests.flat() ?? []) {
          const found = read(entry.data, entry.key);
          found.forEach((one, i) => {
            if (found.length > 1) expect(one.SubSequenceNumber).toBe(i);
            seen.push(`${one.PartitionKey} ${one.Data}`);
          });
          const withHash = entry.records.filter((one) => one.explicitHashKey !== null);
          for (const one of withHash) {
            const place = entry.records.indexOf(one);
            expect(found[place]?.ExplicitPartitionKey).toBe(one.explicitHashKey);
          }
          const first = entry.records[0];
          if (entry.records.length > 1 && first !== undefined) {
            const hash = first.explicitHashKey ?? hashOf(first.key).toString();
            expect(entry.explicitHashKey).toBe(hash);
          }
        }
        const put = input.map((one) => `${one.key} ${Buffer.from(one.data).toString('base64')}`);
        expect(seen.sort()).toEqual(put.sort());
      }),
      { numRuns: 100, interruptAfterTimeLimit: 30_000 },
    );
  });
});
