import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerKey } from '../../src/producer/settings.ts';
import { acceptAll, evenShards, Harness, hashOf, ScriptedTransport } from './harness.ts';

interface Vector {
  readonly what: string;
  readonly records: readonly { key: string; hashKey: string | null; dataHex: string }[];
  readonly partitionKey: string;
  readonly explicitHashKey: string;
  readonly dataHex: string;
}

/** Made by an encoder of a few lines in another language, from the format's description. */
const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../fixtures/aggregates.json', import.meta.url), 'utf8'),
);

function pipeline(
  settings: ConstructorParameters<typeof Harness>[0]['settings'] = {},
  keyCapacity = 1 << 16,
) {
  let transport: ScriptedTransport | undefined;
  const harness = new Harness({
    settings,
    keyCapacity,
    shards: evenShards(1),
    transport: (h) => {
      transport = new ScriptedTransport(
        h.clock,
        () => 5000,
        acceptAll(() => h.shards),
      );
      return transport;
    },
  }).ready();
  return { harness, sent: () => transport?.requests.flat() ?? [] };
}

describe('the aggregated format', () => {
  it.each(vectors)('$what', ({ records, partitionKey, explicitHashKey, dataHex }) => {
    const { harness, sent } = pipeline();
    harness.put(
      records.map(({ key, hashKey, dataHex: data }) => ({
        key,
        hashKey: hashKey === null ? null : BigInt(hashKey),
        data: Buffer.from(data, 'hex'),
      })),
    );
    harness.drain();
    const [entry, ...others] = sent();
    expect(others).toEqual([]);
    expect(entry?.key).toBe(partitionKey);
    expect(entry?.explicitHashKey).toBe(explicitHashKey);
    expect(entry?.data.toString('hex')).toBe(dataHex);
  });

  it('carries records of any size, also far beyond an aggregate, unchanged', () => {
    const { harness, sent } = pipeline({ maxBufferedBytes: 2 ** 30 });
    const sizes = [0, 1, 51_199, 51_200, 51_201, 1024 * 1024, 10 * 1024 * 1024];
    const payloads = sizes.map((size) => Buffer.alloc(size, size % 251));
    harness.put(payloads.map((data, i) => ({ key: `k${i}`, data })));
    harness.drain();
    const seen = sent().flatMap(({ records }) => records);
    expect(seen.map(({ key }) => key).sort()).toEqual(sizes.map((_, i) => `k${i}`));
    for (const { key, data } of seen) {
      expect(Buffer.from(data, 'latin1').equals(payloads[Number(key.slice(1))] as Buffer)).toBe(
        true,
      );
    }
  });

  it.each<[ContainerKey, RegExp]>([
    ['a', /^a$/],
    ['first', /^one$/],
    ['random', /^[a-z]{16}$/],
  ])(
    'puts key %s on an aggregate, and its hash key, so that its shard does not change',
    (containerKey, key) => {
      const { harness, sent } = pipeline({ containerKey });
      harness.put([
        { key: 'one', data: '1' },
        { key: 'two', data: '2' },
      ]);
      harness.drain();
      expect(sent()[0]?.key).toMatch(key);
      expect(sent()[0]?.explicitHashKey).toBe(hashOf('one').toString());
      expect(sent()[0]?.records).toHaveLength(2);
    },
  );
});

describe("the kpl profile's aggregates", () => {
  const put = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: 'k', data: `${i}`.padEnd(100, 'x') }));
  /** Exact: 20 bytes of frame, 3 of the key, 106 a record. Estimated: 4 of the key, 105 a record. */
  const fitting = Math.floor((51_200 - 23) / 106);
  const estimated = Math.ceil((51_200 - 4) / 105);

  it('close when the estimate is reached and leave the newest records to the next', () => {
    const { harness, sent } = pipeline({ profile: 'kpl' });
    harness.put(put(estimated - 1));
    expect(harness.closed).toEqual([]);
    harness.put(put(1));
    expect(harness.closed).toEqual([
      { count: fitting, reason: 'size', bytes: 23 + 106 * fitting, isFresh: true },
    ]);
    harness.drain();
    expect(sent().map(({ records }) => records.length)).toEqual([fitting, estimated - fitting]);
  });

  it('always carry a hash key, also a lone record', () => {
    const { harness, sent } = pipeline({ profile: 'kpl' });
    harness.put([{ key: 'user-1', data: 'x' }]);
    harness.drain();
    expect(sent()[0]).toMatchObject({
      key: 'user-1',
      explicitHashKey: hashOf('user-1').toString(),
    });
  });

  it('are flushed 80 ms before the collector', () => {
    const { harness, sent } = pipeline({ profile: 'kpl', maxBufferedTimeUs: 60_000_000 });
    harness.put(put(2));
    harness.pipeline.flush();
    harness.clock.runUntil(harness.clock.nowUs() + 79_000);
    expect(sent()).toEqual([]);
    harness.clock.runUntil(harness.clock.nowUs() + 2_000);
    expect(sent()).toHaveLength(1);
  });
});

describe("the a8m profile's aggregates", () => {
  const settings = { profile: 'a8m', maxBufferedBytes: 2 ** 30, rateLimit: null } as const;
  const fill = (size: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: `key-${i % 3}`, data: Buffer.alloc(size, i) }));

  it('grow to 1 MiB by an estimate that leaves out framing, whatever the maximum size', () => {
    const { harness, sent } = pipeline(settings);
    // 8 bytes a record and 28 a container are counted for framing; the records have 10 each.
    const fitting = Math.floor((2 ** 20 - 28 - 2 * 'key-0'.length) / (40_000 + 8));
    harness.put(fill(40_000, fitting));
    expect(harness.closed).toEqual([]);
    harness.put(fill(40_000, 1));
    expect(harness.closed).toMatchObject([{ count: fitting, reason: 'size' }]);
    harness.drain();
    expect(sent()[0]?.data.length).toBeGreaterThan(1_000_000);
  });

  it('can exceed what the service takes', () => {
    const { harness, sent } = pipeline(settings);
    // 12 bytes of framing each, of which 8 are counted.
    const size = Math.floor((2 ** 20 - 28 - 2 * 'key-0'.length) / 62) - 8;
    harness.put(fill(size, 100));
    harness.drain();
    expect(Math.max(...sent().map(({ data }) => data.length))).toBeGreaterThan(2 ** 20);
  });

  it("carry the first record's key for all, whose own keys are lost, also a lone one in an envelope", () => {
    const { harness, sent } = pipeline(settings);
    harness.put(fill(100, 3));
    harness.pipeline.flush();
    harness.put([{ key: 'lone', data: 'x' }]);
    harness.drain();
    expect(sent().map(({ key, explicitHashKey }) => [key, explicitHashKey])).toEqual([
      ['key-0', ''],
      ['lone', ''],
    ]);
    expect(sent()[0]?.records.map(({ key }) => key)).toEqual(['key-0', 'key-0', 'key-0']);
    expect(sent()[1]?.data.length).toBe(4 + 6 + 7 + 16);
  });

  it('leave out records that are larger than the maximum size with their key', () => {
    const { harness, sent } = pipeline(settings);
    harness.put([
      { key: 'k', data: Buffer.alloc(51_200) },
      { key: 'k', data: Buffer.alloc(51_199) },
    ]);
    harness.drain();
    const wrapped = sent().map(({ data }) => data.readUInt32BE(0) === 0xf3899ac2);
    expect(wrapped.sort()).toEqual([false, true]);
  });
});

describe('aggregates by key', () => {
  it('hold records of one partition key and carry it, whatever keys the table forgets meanwhile', () => {
    const { harness, sent } = pipeline({ aggregateBy: 'key' }, 6);
    const input = Array.from({ length: 300 }, (_, i) => ({
      key: `key-${(i * i) % 11}`,
      data: `${i}`,
      hashKey: i % 5 === 0 ? BigInt(i % 2) : null,
    }));
    for (let i = 0; i < input.length; i += 3) harness.put(input.slice(i, i + 3));
    harness.drain();
    expect(sent().length).toBeLessThan(input.length);
    for (const { key, records } of sent()) {
      expect(records.map((record) => record.key)).toEqual(records.map(() => key));
      expect(new Set(records.map(({ explicitHashKey }) => explicitHashKey)).size).toBe(1);
    }
    const seen = sent().flatMap(({ records }) => records.map(({ key, data }) => `${key} ${data}`));
    expect(seen.sort()).toEqual(input.map(({ key, data }) => `${key} ${data}`).sort());
  });
});

describe('aggregates of any records', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 256 });
  const records = fc.array(
    fc.record({
      key: fc.oneof(fc.constantFrom('a', 'b'), text),
      hashKey: fc.option(fc.bigInt(0n, (1n << 128n) - 1n)),
      data: fc.uint8Array({ maxLength: 3000 }),
    }),
    { minLength: 1, maxLength: 60, size: 'max' },
  );

  it('are read back in order, whatever the profile, and never exceed their limit', () => {
    fc.assert(
      fc.property(records, fc.constantFrom('shardstorm', 'kpl'), (input, profile) => {
        const { harness, sent } = pipeline({ profile: profile as 'kpl' });
        harness.put(input);
        harness.drain();
        const seen = sent().flatMap((entry) =>
          entry.records.map((record) => ({ ...record, isLone: entry.records.length === 1, entry })),
        );
        expect(seen.map(({ key }) => key)).toEqual(input.map(({ key }) => key));
        expect(seen.map(({ data }) => data)).toEqual(
          input.map(({ data }) => Buffer.from(data).toString('latin1')),
        );
        seen.forEach(({ explicitHashKey, isLone, entry }, i) => {
          const given = input[i]?.hashKey ?? null;
          if (isLone) {
            if (given !== null) expect(entry.explicitHashKey).toBe(given.toString());
          } else expect(explicitHashKey).toBe(given?.toString() ?? null);
        });
        for (const entry of sent()) expect(entry.data.length).toBeLessThanOrEqual(51_200);
      }),
      { numRuns: 60 },
    );
  });
});
