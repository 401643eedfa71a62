import { afterEach, describe, expect, it, vi } from 'vitest';
import { ShardstormError } from '../../src/core/errors.ts';
import { settingsFromKplProperties } from '../../src/library/kpl-settings.ts';
import { type ProducerOptions, resolveOptions } from '../../src/library/options.ts';
import { Producer } from '../../src/library/producer.ts';
import { RecordError, type RecordResult } from '../../src/library/results.ts';
import { SharedLimits } from '../../src/library/shared-limits.ts';
import { evenShards, hashOf } from '../producer/harness.ts';
import { LibraryHarness } from './support.ts';

const refuse =
  (code: string): LibraryHarness['answer'] =>
  (request, entries) => {
    request.answer.status = 'answered';
    request.answer.resultCount = entries.length;
    entries.forEach((_, i) => {
      request.answer.refuseEntry(i, code, 'account 123456789012 is at its limit');
    });
  };

describe('a Producer', () => {
  it('resolves with shard, sequence number, place in the aggregate and attempts', async () => {
    const h = new LibraryHarness();
    h.shards = evenShards(1);
    const first = h.producer.put({ data: 'one', partitionKey: 'a' });
    const second = h.producer.put({ data: Buffer.from('two'), partitionKey: 'b' });
    await h.pass(200);
    expect(await first).toEqual({
      stream: 'test',
      shardId: 'shardId-000000000000',
      sequenceNumber: 'seq-0',
      subSequenceNumber: 0,
      userRecordsInRecord: 2,
      attempts: [
        { delayMs: 121, durationMs: 5, isSuccessful: true, errorCode: null, errorMessage: null },
      ],
    });
    expect(await second).toMatchObject({ subSequenceNumber: 1 });
    expect(h.transport.requests).toHaveLength(1);
  });

  it('tells of each attempt of a record that was refused and then stored', async () => {
    const h = new LibraryHarness();
    const accept = h.answer;
    h.answer = refuse('ProvisionedThroughputExceededException');
    const put = h.producer.put({ data: 'x', partitionKey: 'a' });
    await h.pass(127);
    h.answer = accept;
    await h.pass(2000);
    const { attempts, subSequenceNumber } = await put;
    expect(subSequenceNumber).toBeNull();
    expect(attempts.map((a) => a.errorCode)).toEqual([
      'ProvisionedThroughputExceededException',
      null,
    ]);
  });

  it('sends a record to the shard of its explicit hash key', async () => {
    const h = new LibraryHarness();
    const key = (1n << 127n) + 5n;
    const put = h.producer.put({ data: 'x', partitionKey: 'a', explicitHashKey: key });
    await h.pass(200);
    expect(await put).toMatchObject({ shardId: 'shardId-000000000002' });
    expect(h.transport.requests[0]?.[0]?.explicitHashKey).toBe(key.toString());
  });

  it('fails at once with a typed error what no retry can mend', async () => {
    const h = new LibraryHarness({ stream: 'test', returnRecordOnFailure: true });
    h.answer = (request) => request.answer.fail('failed', 'AccessDeniedException', 'no', 400);
    const record = { data: 'x', partitionKey: 'a' };
    const put = h.producer.put(record);
    const caught = put.catch((error: unknown) => error);
    await h.pass(200);
    const error = (await caught) as RecordError;
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      code: 'SHARDSTORM_RECORD_FAILED',
      errorCode: 'AccessDeniedException',
      outcome: 'failed',
      retryable: false,
      record,
    });
    expect(error.attempts).toHaveLength(1);
  });

  it('gives a record up after its attempts, or after its time to live', async () => {
    const limited = new LibraryHarness({ stream: 'test', maxAttempts: 3 });
    limited.answer = refuse('InternalFailure');
    const failed = limited.producer.put({ data: 'x', partitionKey: 'a' }).catch((e) => e);
    await limited.pass(5000);
    expect(await failed).toMatchObject({ outcome: 'failed', errorCode: 'InternalFailure' });
    expect(((await failed) as RecordError).attempts).toHaveLength(3);

    const old = new LibraryHarness({ stream: 'test', recordTtlMs: 1000 });
    old.answer = refuse('InternalFailure');
    const expired = old.producer.put({ data: 'x', partitionKey: 'a' }).catch((e) => e);
    await old.pass(5000);
    expect(await expired).toMatchObject({
      code: 'SHARDSTORM_RECORD_EXPIRED',
      errorCode: 'Expired',
    });
  });

  it('lets put wait for room, in order, and refuses trySend', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedBytes: 1800, maxWaiting: 100 });
    await h.pass(5);
    const settled: number[] = [];
    const puts = Array.from({ length: 50 }, (_, i) =>
      h.producer.put({ data: 'x'.repeat(100), partitionKey: 'k' }).then(() => settled.push(i)),
    );
    expect(h.producer.trySend({ data: 'x', partitionKey: 'k' })).toBe(false);
    expect(h.producer.bufferedBytes).toBeLessThan(2600);
    await h.pass(5000);
    await Promise.all(puts);
    expect(settled).toEqual([...settled].sort((a, b) => a - b));
    expect(h.producer.outstanding).toBe(0);
  });

  it('counts the body of a call that is under way, and no longer when it is settled', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedMs: 0 });
    const buffered = async (copies: number) => {
      h.transport.bodyCopies = copies;
      h.delayUs = 100_000;
      const put = h.producer.put({ partitionKey: 'k', data: Buffer.alloc(10_000) });
      await h.pass(50);
      const held = h.producer.bufferedBytes;
      await h.pass(200);
      await put;
      expect(h.producer.bufferedBytes).toBe(0);
      return held;
    };
    await h.pass(50);
    expect((await buffered(1)) - (await buffered(0))).toBeGreaterThan(10_000);
  });

  it('takes no malformed hash key for one that it knows with another partition key', async () => {
    const h = new LibraryHarness();
    await h.pass(50);
    const data = 'x';
    const first = h.producer.put({ partitionKey: 'a/b', explicitHashKey: '5', data });
    await h.pass(500);
    await first;
    expect(() => h.producer.trySend({ partitionKey: 'b', explicitHashKey: '5/a', data })).toThrow(
      /explicitHashKey/,
    );
  });

  it('says when there is room again', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedBytes: 1800 });
    let taken = 0;
    const importAll = async () => {
      for (let i = 0; i < 40; i++) {
        const record = { data: 'x'.repeat(100), partitionKey: 'k' };
        while (!h.producer.trySend(record)) await h.producer.room();
        taken++;
      }
    };
    const imported = importAll();
    await h.pass(50);
    expect(taken).toBeLessThan(10);
    await h.pass(5000);
    await imported;
    expect(taken).toBe(40);
    h.producer.trySend({ data: 'x'.repeat(600), partitionKey: 'k' });
    const room = h.producer.room();
    const closed = h.producer.close({ deadlineMs: 1 });
    await h.pass(100);
    await Promise.all([room, closed]);
  });

  it('gives up what waits for room when its time to live, from the put on, is over', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedBytes: 1, recordTtlMs: 1000 });
    h.delayUs = 5_000_000;
    await h.pass(5);
    const ends: string[] = [];
    const settledAt: number[] = [];
    for (const data of ['first', 'second', 'third']) {
      h.producer.put({ data, partitionKey: 'k' }).then(
        () => ends.push(`${data} stored`),
        (error: RecordError) => {
          ends.push(`${data} ${error.errorCode} ${error.attempts.length}`);
          settledAt.push(h.clock.nowUs());
        },
      );
      await h.pass(100);
    }
    expect(h.producer.oldestRecordMs).toBeCloseTo(300, 0);
    await h.pass(10_000);
    expect(ends).toEqual(['second Expired 1', 'third Expired 1', 'first stored']);
    expect(settledAt.map((us) => Math.round(us / 100_000))).toEqual([11, 12]);
    expect(h.producer.oldestRecordMs).toBe(0);
    expect(h.producer.outstanding).toBe(0);
  });

  it('refuses puts beyond those that may wait', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedBytes: 1, maxWaiting: 2 });
    await h.pass(5);
    const record = { data: 'x', partitionKey: 'k' };
    const puts = Array.from({ length: 4 }, () => h.producer.put(record).catch((e) => e.code));
    await h.pass(1000);
    const ends = await Promise.all(puts);
    expect(ends.filter((end) => end === 'SHARDSTORM_PRODUCER_FULL')).toHaveLength(1);
  });

  it('bounds what waits for room by its bytes too', async () => {
    const h = new LibraryHarness({
      stream: 'test',
      maxBufferedBytes: 1000,
      maxWaitingBytes: 10_000,
    });
    await h.pass(5);
    const record = { data: new Uint8Array(1000), partitionKey: 'k' };
    const puts = Array.from({ length: 20 }, () =>
      h.producer.put(record).then(
        () => 'stored',
        (e) => e.code,
      ),
    );
    // One is taken; seven of 1512 bytes each wait.
    expect(h.producer.waitingBytes).toBe(10_584);
    await h.pass(5000);
    const ends = await Promise.all(puts);
    expect(ends.filter((end) => end === 'SHARDSTORM_PRODUCER_FULL')).toHaveLength(12);
    expect(ends.filter((end) => end === 'stored')).toHaveLength(8);
    expect(h.producer.waitingBytes).toBe(0);
  });

  it('calls back once for each record, with its token, and may be put to from there', async () => {
    const h = new LibraryHarness();
    const seen: unknown[] = [];
    let again = 3;
    const onSettled = (error: RecordError | null, result: RecordResult | null, token: unknown) => {
      seen.push([error, result?.shardId, token]);
      if (again-- > 0) h.producer.trySend({ data: 'y', partitionKey: 'a' }, onSettled, 'again');
    };
    expect(h.producer.trySend({ data: 'x', partitionKey: 'a' }, onSettled, 7)).toBe(true);
    await h.pass(2000);
    expect(seen).toHaveLength(4);
    expect(seen[0]).toEqual([null, expect.stringMatching(/^shardId-/), 7]);
  });

  it('tells of a batch once, in its order', async () => {
    const h = new LibraryHarness();
    const batches: unknown[] = [];
    const records = Array.from({ length: 20 }, (_, i) => ({ data: `${i}`, partitionKey: `k${i}` }));
    expect(h.producer.trySendBatch(records, (batch) => batches.push(batch))).toBe(20);
    await h.pass(1000);
    expect(batches).toHaveLength(1);
    expect(batches[0]).toMatchObject({ accepted: 20, failed: 0 });
    const { outcomes } = batches[0] as { outcomes: RecordResult[] };
    outcomes.forEach((outcome, i) => {
      const quarter = Number((hashOf(`k${i}`) * 4n) >> 128n);
      expect(outcome.shardId).toBe(`shardId-00000000000${quarter}`);
    });
  });

  it('serves several streams and tells them apart', async () => {
    const h = new LibraryHarness({ streams: ['one', 'two'] });
    const one = h.producer.put({ data: 'x', partitionKey: 'k', stream: 'one' });
    const three = h.producer.put({ data: 'x', partitionKey: 'k', stream: 'three' });
    await expect(h.producer.put({ data: 'x', partitionKey: 'k' })).rejects.toMatchObject({
      code: 'SHARDSTORM_PRODUCER_USAGE',
    });
    await h.pass(300);
    expect((await one).stream).toBe('one');
    expect((await three).stream).toBe('three');
  });

  it('flushes: resolves when what was put before is settled, without waiting for company', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedMs: 60_000 });
    await h.pass(5);
    const put = h.producer.put({ data: 'x', partitionKey: 'k' });
    let isFlushed = false;
    const flushed = h.producer.flush().then(() => {
      isFlushed = true;
    });
    const later = h.producer.put({ data: 'y', partitionKey: 'k' });
    await h.pass(20);
    expect(isFlushed).toBe(true);
    await Promise.all([put, flushed]);
    expect(h.producer.outstanding).toBe(1);
    const closed = h.producer.close();
    await h.pass(100);
    expect((await closed).isComplete).toBe(true);
    await later;
  });

  it.each<[string, ProducerOptions, number, number, boolean]>([
    ['was put before the first listing has ended', {}, 1, 100, true],
    ['waits for room', { maxBufferedBytes: 1800 }, 40, 2000, false],
    [
      'the limiter holds back',
      { aggregation: { enabled: false }, rateLimitPercent: 100 },
      1300,
      2000,
      false,
    ],
    ['waits for its lane', { aggregation: { enabled: false }, ordered: true }, 3, 500, false],
  ])('flushes what %s', async (_where, options, count, withinMs, isEarly) => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedMs: 20_000, ...options });
    h.shards = evenShards(1);
    if (!isEarly) await h.pass(5);
    const record = { data: 'x'.repeat(100), partitionKey: 'k' };
    const puts = Array.from({ length: count }, () => h.producer.put(record));
    let isFlushed = false;
    const flushed = h.producer.flush().then(() => {
      isFlushed = true;
    });
    await h.pass(withinMs);
    expect(isFlushed).toBe(true);
    await Promise.all([flushed, ...puts]);
    // All is as before: a record waits for company again.
    h.producer.trySend(record);
    await h.pass(1000);
    expect(h.producer.outstanding).toBe(1);
  });

  it('flushes what is taken apart, when its shard is split meanwhile', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedMs: 20_000 });
    h.shards = evenShards(1);
    await h.pass(5);
    h.shards = evenShards(2, 1);
    const puts = Array.from({ length: 20 }, (_, i) =>
      h.producer.put({ data: 'x', partitionKey: `${i}` }),
    );
    const flushed = h.producer.flush();
    await h.pass(500);
    expect(h.producer.outstanding).toBe(0);
    await Promise.all([flushed, ...puts]);
  });

  it('sends before the first listing nothing that would be unaggregated', async () => {
    const h = new LibraryHarness();
    h.shards = evenShards(1);
    for (let i = 0; i < 10; i++) h.producer.trySend({ data: `${i}`, partitionKey: `${i}` });
    await h.pass(300);
    expect(h.transport.requests.map((entries) => entries.length)).toEqual([1]);
  });

  it('goes on without aggregation when listing is not permitted, and fails for a missing stream', async () => {
    const h = new LibraryHarness();
    h.listingError = 'AccessDeniedException';
    const put = h.producer.put({ data: 'x', partitionKey: 'k' });
    await h.pass(300);
    expect((await put).subSequenceNumber).toBeNull();
    expect(h.lines.some((line) => line.level === 'warn')).toBe(true);

    const missing = new LibraryHarness();
    missing.listingError = 'ResourceNotFoundException';
    const failed = missing.producer.put({ data: 'x', partitionKey: 'k' }).catch((e) => e);
    await missing.pass(300);
    expect(await failed).toMatchObject({ errorCode: 'ResourceNotFoundException' });
  });

  it('fails each put for a missing stream at once, until there is one', async () => {
    const h = new LibraryHarness();
    h.listingError = 'ResourceNotFoundException';
    await h.pass(10);
    const record = { data: 'x', partitionKey: 'k' };
    const late = h.producer.put(record).catch((e) => e);
    await h.producer.room();
    await h.pass(5);
    expect(h.producer.outstanding).toBe(0);
    expect(await late).toMatchObject({ errorCode: 'ResourceNotFoundException' });
    h.listingError = '';
    await h.pass(1500);
    const put = h.producer.put(record);
    await h.pass(300);
    expect((await put).shardId).toMatch(/^shardId-/);
  });

  it('waits for a first listing that may succeed yet, within the time to live', async () => {
    const h = new LibraryHarness({ stream: 'test', recordTtlMs: 2000 });
    h.shards = evenShards(1);
    h.listingError = 'LimitExceededException';
    const first = Array.from({ length: 5 }, () => h.producer.put({ data: 'x', partitionKey: 'k' }));
    await h.pass(500);
    expect(h.transport.requests).toEqual([]);
    h.listingError = '';
    await h.pass(1500);
    expect((await Promise.all(first)).map((one) => one.userRecordsInRecord)).toEqual(
      Array(5).fill(5),
    );

    const never = new LibraryHarness({ stream: 'test', recordTtlMs: 2000 });
    never.listingError = 'LimitExceededException';
    const expired = never.producer.put({ data: 'x', partitionKey: 'k' }).catch((e) => e);
    await never.pass(2100);
    expect(await expired).toMatchObject({
      errorCode: 'Expired',
      hint: expect.stringMatching(/could not be listed \(LimitExceededException\)/),
    });

    const kpl = new LibraryHarness({ stream: 'test', profile: 'kpl' });
    kpl.listingError = 'LimitExceededException';
    const unaggregated = kpl.producer.put({ data: 'x', partitionKey: 'k' });
    await kpl.pass(500);
    expect((await unaggregated).subSequenceNumber).toBeNull();
  });

  it('fails everything when it cannot be opened', async () => {
    const error = new ShardstormError('SHARDSTORM_CREDENTIALS_MISSING', 'none', {
      hint: 'Log in.',
    });
    const h = new LibraryHarness({ stream: 'test' }, error);
    const put = h.producer.put({ data: 'x', partitionKey: 'k' }).catch((e) => e);
    await expect(h.producer.ready()).rejects.toBe(error);
    await h.pass(100);
    expect(await put).toMatchObject({ errorCode: 'SHARDSTORM_CREDENTIALS_MISSING' });
    await expect(h.producer.put({ data: 'x', partitionKey: 'k' })).rejects.toBe(error);
  });
});

describe('code that is not ours', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('loses no record when it throws: a listener, or a logger', async () => {
    const uncaught: unknown[] = [];
    vi.stubGlobal('queueMicrotask', (run: () => void) => {
      Promise.resolve()
        .then(run)
        .catch((error) => uncaught.push(error));
    });
    const broken = () => {
      throw new Error('broken');
    };
    const logger = { info: broken, warn: broken, error: broken };
    const h = new LibraryHarness({ stream: 'test', logger });
    const accept = h.answer;
    h.answer = refuse('ProvisionedThroughputExceededException');
    for (const event of ['throttled', 'shardMap', 'slow'] as const) h.producer.on(event, broken);
    const puts = Array.from({ length: 20 }, (_, i) =>
      h.producer.put({ data: 'x', partitionKey: `${i}` }),
    );
    await h.pass(200);
    h.answer = accept;
    await h.pass(20_000);
    await Promise.all(puts);
    expect(uncaught.length).toBeGreaterThanOrEqual(2);
    expect((await h.producer.close()).accepted).toBe(20);
  });

  it('does not keep the producer from closing: a sink of metrics that never ends', async () => {
    const h = new LibraryHarness({ stream: 'test', metricsSink: () => new Promise(() => {}) });
    h.producer.trySend({ data: 'x', partitionKey: 'k' });
    await h.pass(300);
    let isClosed = false;
    const closed = h.producer.close({ deadlineMs: 100 }).then(() => {
      isClosed = true;
    });
    await h.pass(4000);
    expect(isClosed).toBe(false);
    await h.pass(2000);
    expect(isClosed).toBe(true);
    await closed;
  });
});

describe('a wait for room', () => {
  it('ends with the producer, even before the first listing', async () => {
    const early = new LibraryHarness({ stream: 'test', signal: AbortSignal.abort() });
    await early.pass(5);
    await early.producer.room();

    const h = new LibraryHarness();
    const room = h.producer.room();
    await h.producer.close();
    await room;
  });

  it('needs a stream', async () => {
    const h = new LibraryHarness({ streams: ['one', 'two'] });
    await expect(h.producer.room()).rejects.toMatchObject({ code: 'SHARDSTORM_PRODUCER_USAGE' });
    await h.pass(5);
    await h.producer.room('one');
  });
});

describe('closing a Producer', () => {
  it('loses nothing that it can deliver', async () => {
    const h = new LibraryHarness({ stream: 'test', maxBufferedBytes: 1800, maxBufferedMs: 10_000 });
    const puts = Array.from({ length: 40 }, (_, i) =>
      h.producer.put({ data: 'x'.repeat(100), partitionKey: `${i}` }),
    );
    const closed = h.producer.close({ deadlineMs: 60_000 });
    await h.pass(60_000);
    await Promise.all(puts);
    expect(await closed).toEqual({
      isComplete: true,
      accepted: 40,
      failed: 0,
      expired: 0,
      undelivered: [],
    });
    await expect(h.producer.put({ data: 'x', partitionKey: 'k' })).rejects.toMatchObject({
      code: 'SHARDSTORM_PRODUCER_CLOSED',
    });
  });

  it('reports at its deadline what it could not deliver', async () => {
    const h = new LibraryHarness({ stream: 'test', returnRecordOnFailure: true });
    h.answer = refuse('InternalFailure');
    const record = { data: 'x', partitionKey: 'k' };
    const put = h.producer.put(record).catch((e) => e);
    await h.pass(10);
    const closed = h.producer.close({ deadlineMs: 3000 });
    await h.pass(10_000);
    const report = await closed;
    expect(report).toMatchObject({ isComplete: false, accepted: 0, failed: 1 });
    expect(report.undelivered[0]).toMatchObject({ errorCode: 'Closed', record });
    expect(await put).toBe(report.undelivered[0]);
  });

  it('gives everything up when its signal is aborted', async () => {
    const controller = new AbortController();
    const h = new LibraryHarness({ stream: 'test', signal: controller.signal });
    const put = h.producer.put({ data: 'x', partitionKey: 'k' }).catch((e) => e);
    await h.pass(10);
    controller.abort();
    await h.pass(100);
    expect(await put).toMatchObject({ errorCode: 'Aborted' });
    expect(h.transport.requests).toEqual([]);
    expect((await h.producer.close()).failed).toBe(1);
  });
});

describe('what a Producer tells of itself', () => {
  it("counts under the KPL's names, by shard, stream and in all, with percentiles", async () => {
    const h = new LibraryHarness();
    const accept = h.answer;
    h.delayUs = 150_000;
    h.answer = refuse('ProvisionedThroughputExceededException');
    const puts = ['a', 'b', 'c'].map((partitionKey) =>
      h.producer.put({ data: 'xyz', partitionKey }),
    );
    await h.pass(280);
    h.answer = accept;
    await h.pass(5000);
    await Promise.all(puts);
    const metrics = h.producer.metrics();
    const of = (name: string) =>
      metrics.find((m) => m.name === name && Object.keys(m.dimensions).length === 0);
    expect(of('UserRecordsReceived')).toMatchObject({ count: 3, sum: 3 });
    expect(of('UserRecordsPut')).toMatchObject({ count: 3, sum: 3, mean: 1 });
    expect(of('UserRecordsDataPut')).toMatchObject({ sum: 9 });
    expect(of('BufferingTime')?.count).toBe(6);
    expect(of('BufferingTime')?.percentiles?.p50).toBeGreaterThan(0);
    expect(of('RetriesPerRecord')).toMatchObject({ sum: 3 });
    expect(of('RequestTime')?.percentiles?.p50).toBeCloseTo(150, 0);
    expect(of('UserRecordsPending')?.max).toBe(3);
    const errors = metrics.filter((m) => m.name === 'ErrorsByCode' && m.dimensions.shardId);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors[0]?.dimensions.errorCode).toBe('ProvisionedThroughputExceededException');
    const byShard = metrics.filter((m) => m.name === 'KinesisRecordsPut' && m.dimensions.shardId);
    const sum = byShard.reduce((total, m) => total + m.count, 0);
    expect(of('KinesisRecordsPut')?.count).toBe(sum);
  });

  it('keeps to its level and granularity', async () => {
    const h = new LibraryHarness({
      stream: 'test',
      metricsLevel: 'summary',
      metricsGranularity: 'stream',
    });
    h.producer.trySend({ data: 'x', partitionKey: 'k' });
    await h.pass(300);
    const metrics = h.producer.metrics();
    expect(metrics.some((m) => m.name === 'UserRecordsPut')).toBe(true);
    expect(metrics.some((m) => m.name === 'UserRecordsReceived')).toBe(false);
    expect(metrics.some((m) => m.dimensions.shardId !== undefined)).toBe(false);
  });

  it('logs a summary each 15 s, slow calls and the onset of throttling, without data, keys or messages', async () => {
    const h = new LibraryHarness();
    const events: string[] = [];
    h.producer.on('slow', ({ stream }) => events.push(`slow ${stream}`));
    h.producer.on('throttled', ({ shardId }) => events.push(`throttled ${shardId}`));
    h.delayUs = 800_000;
    h.answer = refuse('ProvisionedThroughputExceededException');
    h.producer.trySend({ data: 'secret-data', partitionKey: 'secret-key' });
    await h.pass(16_000);
    const texts = h.lines.map((line) => line.text);
    expect(texts).toContain('producer summary');
    expect(texts.filter((text) => text === 'the stream is throttled')).toHaveLength(1);
    expect(texts).toContain('PutRecords takes long');
    expect(events).toEqual([expect.stringMatching(/^throttled shardId-/), 'slow test']);
    expect(JSON.stringify(h.lines)).not.toMatch(/secret|123456789012/);
  });

  it('has distinct limits unless they are shared', async () => {
    const shared = new SharedLimits(1);
    const producers = [0, 1].map(
      () => new LibraryHarness({ stream: 'test', sharedLimits: shared }),
    );
    expect(shared.of('test')).toBe(shared.of('test'));
    for (const { producer } of producers) await producer.close();
  });
});

describe('the input of a Producer', () => {
  const h = new LibraryHarness();
  const put = (record: object) =>
    h.producer
      .put({ data: 'x', partitionKey: 'k', ...record })
      .then(() => 'taken')
      .catch((error: ShardstormError) => `${error.code}: ${error.message}`);

  it.each<[string, object, RegExp]>([
    ['an empty key', { partitionKey: '' }, /partitionKey is 0 characters long; allowed: 1 to 256/],
    ['a long key', { partitionKey: 'k'.repeat(257) }, /partitionKey is 257 characters/],
    ['half a character', { partitionKey: '\ud800' }, /partitionKey is not well-formed/],
    ['a number as key', { partitionKey: 7 }, /partitionKey is number/],
    ['a number as data', { data: 7 }, /data is number/],
    ['a number as hash key', { explicitHashKey: 2 ** 60 }, /explicitHashKey/],
    ['much data', { data: new Uint8Array(2 ** 20) }, /data is 1048577 bytes.*maxRecordBytes/],
    ['a hash key below 0', { explicitHashKey: '-1' }, /explicitHashKey is "-1"/],
    ['a hash key with zeros', { explicitHashKey: '007' }, /explicitHashKey/],
    ['a hash key of 2^128', { explicitHashKey: 1n << 128n }, /explicitHashKey/],
    ['a hash key of letters', { explicitHashKey: '12a' }, /explicitHashKey/],
    ['a name of no stream', { stream: 'no spaces' }, /stream is "no spaces"/],
  ])('names what is wrong with %s', async (_what, record, message) => {
    const end = await put(record);
    expect(end).toMatch(/^SHARDSTORM_PRODUCER_USAGE/);
    expect(end).toMatch(message);
  });

  it.each<[object, RegExp]>([
    [{ profile: 'kcl' }, /profile is "kcl"; allowed: shardstorm, kpl/],
    [{ maxBufferedMs: -1 }, /maxBufferedMs is -1; allowed: an integer from 0/],
    [{ recordTtlMs: Number.MAX_VALUE }, /recordTtlMs/],
    [{ aggregation: { maxBytes: 1 } }, /aggregation.maxBytes is 1; allowed: an integer from 64/],
    [{ containerKey: 'b' }, /containerKey is "b"/],
    [{ stream: '' }, /stream is ""/],
    [{ credentials: 'AKID:secret' }, /credentials is none of these; allowed: chain, simulator/],
    [{ credentials: { accessKeyId: 'AKID' } }, /credentials is none of these/],
    [{ aggregateBy: 'key', ordered: true }, /aggregateBy is "key"; allowed: "shard" with ordered/],
    [{ aggregateBy: 'stream' }, /aggregateBy is "stream"; allowed: shard, key/],
    [{ collection: { maxCount: '1000' } }, /collection.maxCount is "1000"; allowed: an integer/],
    [{ maxBufferdMs: 5 }, /options has no "maxBufferdMs"; did you mean "maxBufferedMs"\?/],
    [{ aggregation: { maxSize: 5 } }, /aggregation has no "maxSize"/],
    [{ aggregation: null }, /aggregation is null; allowed: an object/],
    [{ aggregation: { enabled: 'yes' } }, /aggregation.enabled is "yes"; allowed: true, false/],
    [{ failIfThrottled: 'false' }, /failIfThrottled is "false"; allowed: true, false/],
    [{ ordered: 'no' }, /ordered is "no"; allowed: true, false/],
    [{ returnRecordOnFailure: 1 }, /returnRecordOnFailure is 1; allowed: true, false/],
    [{ logger: {} }, /logger is an object; allowed: an object with info\(\), warn\(\), error\(\)/],
    [{ signal: {} }, /signal is an object; allowed: an object with addEventListener/],
    [{ sharedLimits: {} }, /sharedLimits is object; allowed: new SharedLimits/],
    [{ streams: 'abc' }, /streams is "abc"; allowed: a list/],
    [{ streams: [5] }, /stream is 5/],
    [{ endpoint: 'not a url' }, /endpoint is "not a url"; allowed: an http/],
    [
      { transport: 'sdk', http: '2', verifyCertificate: false },
      /http is "2"; allowed: "1.1" with transport sdk and certificates/,
    ],
    [{ connectTimeoutMs: 0 }, /connectTimeoutMs is 0; allowed: an integer from 1/],
    [{ ca: 5 }, /ca is 5; allowed: text/],
    [{ endpoint: 'localhost:4567' }, /endpoint is "localhost:4567"/],
    [{ region: 5 }, /region is 5; allowed: text/],
    [{ metricsSink: 'cloudwatch' }, /metricsSink is string; allowed: a function/],
    [{ metricsDimensions: [null] }, /metricsDimensions/],
    [{ metricsNamespace: 5 }, /metricsNamespace is 5/],
  ])('refuses options %j', (options, message) => {
    expect(() => resolveOptions(options as ProducerOptions)).toThrow(message);
    expect(() => new Producer(options as ProducerOptions)).toThrow(ShardstormError);
  });
});

describe('a call of a Producer', () => {
  it('names what is wrong with its arguments', async () => {
    const { producer } = new LibraryHarness();
    const usage = expect.objectContaining({ code: 'SHARDSTORM_PRODUCER_USAGE' });
    const record = { data: 'x', partitionKey: 'k' };
    expect(() => new Producer(undefined as never)).toThrow(ShardstormError);
    expect(() => producer.trySend(null as never)).toThrow(ShardstormError);
    expect(() => producer.trySend(record, 5 as never)).toThrow(/onSettled is number/);
    expect(() => producer.trySendBatch(5 as never)).toThrow(/records is number/);
    expect(() => producer.trySendBatch([record], 5 as never)).toThrow(/onBatch is number/);
    await expect(producer.put(null as never)).rejects.toEqual(usage);
    await expect(producer.close({ deadlineMs: Number.NaN })).rejects.toEqual(usage);
    await expect(producer.flush(5 as never)).rejects.toEqual(usage);
    expect((await producer.close()).isComplete).toBe(true);
  });
});

describe("a KPL's properties", () => {
  it('that a producer refuses are noted by their names', () => {
    const { options, notes } = settingsFromKplProperties(
      'RequestTimeout=1\nAggregationMaxSize=1\nMetricsLevel=all\nRecordTtl=5000',
    );
    expect(() => resolveOptions(options)).toThrow(ShardstormError);
    expect(notes).toEqual([
      expect.stringMatching(/^RequestTimeout: .*requestTimeoutMs is 1; allowed: .* from 100/),
      expect.stringMatching(/^AggregationMaxSize: .*aggregation.maxBytes is 1; allowed/),
      expect.stringMatching(/^MetricsLevel: .*metricsLevel is "all"; allowed/),
    ]);
  });

  it('that mean something to a program are taken, with advice for a program on the others', () => {
    const { options, notes } = settingsFromKplProperties(
      [
        'MaxUserRecordSize=2097152',
        'MetricsLevel=summary',
        'MetricsGranularity = stream',
        'MetricsNamespace=mine',
        'MetricsUploadDelay=30000',
        'ReturnUserRecordOnFailure=true',
        'ConnectTimeout=3000',
        'VerifyCertificate=false',
        'CaCertFile=/etc/ca.pem',
        'ProxyHost=proxy',
        'ProxyPassword=hidden-word',
        'KinesisEndpoint=localhost',
        'KinesisPort=4567',
        'CloudwatchEndpoint=localhost',
        'ThreadingModel=POOLED',
        'AggregationMaxSize=10485760',
        'NoSuchThing=1',
      ].join('\n'),
    );
    expect(options).toEqual({
      profile: 'kpl',
      maxRecordBytes: 2_097_152,
      metricsLevel: 'summary',
      metricsGranularity: 'stream',
      metricsNamespace: 'mine',
      metricsUploadDelayMs: 30_000,
      returnRecordOnFailure: true,
      connectTimeoutMs: 3000,
      verifyCertificate: false,
      endpoint: 'https://localhost:4567',
      aggregation: { maxBytes: 10_485_760 },
    });
    expect(() => resolveOptions(options)).not.toThrow();
    expect(notes.map((note) => note.split(':')[0]).sort()).toEqual([
      'CaCertFile',
      'CloudwatchEndpoint',
      'NoSuchThing',
      'ProxyHost',
      'ProxyPassword',
      'ThreadingModel',
    ]);
    expect(notes.join()).not.toMatch(/hidden-word/);
    expect(resolveOptions(options).transport).toMatchObject({
      connectTimeoutUs: 3_000_000,
      tls: { ca: null, verifies: false },
    });
    expect(notes.join()).not.toMatch(/scenario|result folder/);
  });

  it('become options of a producer of its profile', () => {
    const { options, notes } = settingsFromKplProperties(
      [
        'AggregationMaxSize = 25600',
        'RateLimit=100',
        'RecordMaxBufferedTime = 250',
        'RecordTtl=9223372036854775807',
        'FailIfThrottled=true',
        'MinConnections=2',
      ].join('\n'),
    );
    expect(options).toMatchObject({
      profile: 'kpl',
      aggregation: { maxBytes: 25_600 },
      rateLimitPercent: 100,
      maxBufferedMs: 250,
      failIfThrottled: true,
    });
    expect(notes.some((note) => note.startsWith('MinConnections'))).toBe(true);
    const { settings } = resolveOptions(options);
    expect(settings).toMatchObject({ maxBufferedTimeUs: 250_000, rateLimit: { fraction: 1 } });
    expect(settings.recordTtlUs).toBeGreaterThan(1e15 / 2);
  });
});
