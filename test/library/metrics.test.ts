import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricsWindow, ProducerOptions } from '../../src/library/index.ts';
import { Statistic } from '../../src/library/statistic.ts';
import { LibraryHarness } from './support.ts';

const record = { data: 'xyz', partitionKey: 'k' };

function withSink(options: ProducerOptions = {}) {
  const windows: MetricsWindow[] = [];
  const h = new LibraryHarness({
    stream: 'test',
    metricsSink: (window) => {
      windows.push(window);
    },
    ...options,
  });
  const of = (window: MetricsWindow | undefined, name: string) =>
    window?.metrics.find((m) => m.name === name && m.dimensions.stream === undefined);
  return { h, windows, of };
}

describe('a sink of metrics', () => {
  it('gets a window each minute in which something happened, and the last one at the close', async () => {
    const { h, windows, of } = withSink();
    for (let i = 0; i < 5; i++) h.producer.trySend(record);
    await h.pass(61_000);
    await h.pass(120_000);
    for (let i = 0; i < 3; i++) h.producer.trySend(record);
    await h.pass(1000);
    const closed = h.producer.close();
    await h.pass(1000);
    await closed;
    expect(windows.map((window) => of(window, 'UserRecordsPut')?.count)).toEqual([5, 3]);
    expect(windows[0]).toMatchObject({ namespace: 'KinesisProducerLibrary', startMs: 0 });
    expect(windows[0]?.endMs).toBe(60_000);
    // Contiguous: the second begins where the first ended, whatever did not happen between.
    expect(windows[1]?.startMs).toBe(60_000);
    expect(of(windows[1], 'RequestTime')?.percentiles?.p50).toBeCloseTo(5, 0);
    expect(of(windows[1], 'RequestTime')?.count).toBe(1);
    const put = h.producer.metrics({ name: 'UserRecordsPut' });
    expect(put.find((m) => m.dimensions.stream === undefined)?.count).toBe(8);
  });

  it.each([
    ['none', 'shard', []],
    ['summary', 'global', [[]]],
    ['summary', 'stream', [['stream'], []]],
    ['detailed', 'shard', [['stream', 'shardId'], ['stream'], []]],
  ] as const)(
    'is given what level %s and granularity %s let through',
    async (level, granularity, places) => {
      const { h, windows } = withSink({ metricsLevel: level, metricsGranularity: granularity });
      h.producer.trySend(record);
      await h.pass(61_000);
      const metrics = windows[0]?.metrics ?? [];
      const put = metrics.filter((m) => m.name === 'KinesisRecordsPut');
      expect(put.map((m) => Object.keys(m.dimensions))).toEqual(places);
      expect(metrics.some((m) => m.name === 'RequestTime')).toBe(level === 'detailed');
    },
  );

  it("is given dimensions of one's own, in the place that the KPL has them", async () => {
    const { h, windows } = withSink({
      metricsDimensions: [
        { name: 'Fleet', value: 'blue', granularity: 'global' },
        { name: 'Team', value: 'clicks', granularity: 'stream' },
        { name: 'Rack', value: '7', granularity: 'shard' },
      ],
      metricsNamespace: 'mine',
      metricsUploadDelayMs: 1000,
    });
    h.producer.trySend(record);
    await h.pass(1100);
    const put = windows[0]?.metrics.filter((m) => m.name === 'UserRecordsPut') ?? [];
    expect(put.map((m) => Object.keys(m.dimensions))).toEqual([
      ['Fleet', 'Team', 'stream', 'shardId', 'Rack'],
      ['Fleet', 'Team', 'stream'],
      ['Fleet'],
    ]);
    expect(windows[0]).toMatchObject({ namespace: 'mine', endMs: 1000 });
  });

  it('may fail: that is logged without what it said, and sending goes on', async () => {
    const h = new LibraryHarness({
      stream: 'test',
      metricsUploadDelayMs: 1000,
      metricsSink: () => Promise.reject(new Error('secret-token')),
    });
    const put = h.producer.put(record);
    await h.pass(2000);
    await put;
    expect(h.lines.some(({ text }) => text === 'the sink of metrics failed')).toBe(true);
    expect(JSON.stringify(h.lines)).not.toContain('secret-token');
  });

  it.each<[ProducerOptions, RegExp]>([
    [{ metricsNamespace: 'AWS/Kinesis' }, /metricsNamespace is "AWS\/Kinesis"/],
    [
      { metricsUploadDelayMs: 60_001 },
      /metricsUploadDelayMs is 60001; allowed: an integer from 1 to 60000/,
    ],
    [
      { metricsDimensions: [{ name: '', value: 'x', granularity: 'global' }] },
      /metricsDimensions is ""; allowed: names and values of 1 to 255/,
    ],
  ])('is refused with options %j', (options, message) => {
    expect(() => new LibraryHarness(options)).toThrow(message);
  });
});

describe('errors by code', () => {
  it('are one of the stream for a call that fails, and one of the shard for each record that is refused', async () => {
    const h = new LibraryHarness({
      stream: 'test',
      maxAttempts: 1,
      aggregation: { enabled: false },
    });
    const errors = () =>
      h.producer
        .metrics({ name: 'ErrorsByCode' })
        .map(({ dimensions, sum }) => [
          dimensions.errorCode,
          dimensions.shardId !== undefined,
          sum,
        ]);
    h.answer = (request) => request.answer.fail('failed', 'AccessDeniedException', '', 400);
    for (let i = 0; i < 3; i++) h.producer.trySend(record);
    await h.pass(500);
    expect(errors()).toEqual([
      ['AccessDeniedException', false, 1],
      ['AccessDeniedException', false, 1],
    ]);
    h.answer = (request, entries) => {
      request.answer.status = 'answered';
      request.answer.resultCount = entries.length;
      entries.forEach((_, i) => {
        request.answer.refuseEntry(i, 'SomethingElse', '');
      });
    };
    for (let i = 0; i < 3; i++) h.producer.trySend(record);
    await h.pass(500);
    expect(errors()).toContainEqual(['SomethingElse', true, 3]);
    const expired = h.producer.metrics({ name: 'UserRecordsPut' });
    const ofShard = expired.find((m) => m.dimensions.shardId !== undefined);
    expect(ofShard).toMatchObject({ count: 6, sum: 0 });
  });
});

describe('the last seconds of a metric', () => {
  it('are those of a list of all its values', () => {
    const values = fc.array(
      fc.record({
        gap: fc.constantFrom(0, 0, 1, 2, 30, 61),
        value: fc.integer({ min: -5, max: 99 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 60 }), fc.nat(70), (input, window, later) => {
        const statistic = new Statistic();
        let second = 0;
        const all = input.map(({ gap, value }) => {
          second += gap;
          statistic.add(value, 1, second);
          return { second, value };
        });
        second += later;
        const own = all.filter((one) => one.second > second - window).map(({ value }) => value);
        const { count, sum, min, max } = statistic.inSeconds(second, window);
        expect({ count, sum, min, max }).toEqual({
          count: own.length,
          sum: own.reduce((total, value) => total + value, 0),
          min: Math.min(...own),
          max: Math.max(...own),
        });
      }),
    );
  });

  it('can be asked for, one name or all', async () => {
    const h = new LibraryHarness();
    h.producer.trySend(record);
    await h.pass(30_000);
    h.producer.trySend(record);
    await h.pass(1000);
    const received = (windowSeconds: number) =>
      h.producer.metrics({ name: 'UserRecordsReceived', windowSeconds }).at(-1)?.count;
    expect(received(10)).toBe(1);
    expect(received(60)).toBe(2);
    await h.pass(50_000);
    expect(received(1)).toBeUndefined();
    expect(() => h.producer.metrics({ windowSeconds: 61 })).toThrow(/windowSeconds is 61; allowed/);
  });
});
