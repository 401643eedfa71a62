import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import { writeStamp } from '../../src/kinesis/stamp.ts';
import { Producer, type ProducerOptions, RecordError } from '../../src/library/index.ts';
import { type SimulatorHandle, startSimulatorThread } from '../../src/simulator/host.ts';
import { startSimulator } from '../../src/simulator/server/server.ts';

let simulator: SimulatorHandle | null = null;
const producers: Producer[] = [];

afterEach(async () => {
  for (const producer of producers.splice(0)) await producer.close({ deadlineMs: 100 });
  await simulator?.close();
  simulator = null;
});

type Faults = Parameters<typeof startSimulatorThread>[0]['faults'];
const always = { rate: null, atUs: null, forUs: null, shards: null, operation: null };

async function start(
  faults: Faults = [],
  shards = 4,
  more: Partial<Parameters<typeof startSimulatorThread>[0]> = {},
): Promise<SimulatorHandle> {
  simulator = await startSimulatorThread({
    mode: 'provisioned',
    shards,
    latency: { kind: 'fixed', us: 2000 },
    faults,
    stream: 'clicks',
    seed: 1,
    region: null,
    ...more,
  });
  return simulator;
}

function produce(options: ProducerOptions = {}): Producer {
  const producer = new Producer({
    stream: 'clicks',
    ...(simulator === null ? {} : { endpoint: simulator.endpoint }),
    credentials: 'simulator',
    ...options,
  });
  producers.push(producer);
  return producer;
}

function stamped(sequence: number, bytes = 100): Uint8Array {
  const data = new Uint8Array(bytes);
  writeStamp(data, 0, 7, 7, 0, sequence, 0, 0);
  return data;
}

describe('a Producer over the wire', () => {
  it.each<ProducerOptions>([
    {},
    { profile: 'kpl' },
    { profile: 'sdk-batch' },
    { ordered: true, containerKey: 'random' },
    { protocol: 'json', http: '2' },
  ])('has everything in the stream exactly once: %j', async (options) => {
    const server = await start([{ ...always, kind: 'internal-failure', rate: 0.05 }]);
    const producer = produce(options);
    const results = await Promise.all(
      Array.from({ length: 2000 }, (_, i) =>
        producer.put({ data: stamped(i), partitionKey: `user-${i % 97}` }),
      ),
    );
    const report = await producer.close();
    expect(report).toMatchObject({ isComplete: true, accepted: 2000, failed: 0, expired: 0 });
    expect(new Set(results.map(({ shardId }) => shardId)).size).toBe(4);
    const places = results.map((r) => `${r.shardId} ${r.sequenceNumber} ${r.subSequenceNumber}`);
    expect(new Set(places).size).toBe(2000);
    const { userRecords, producers: seen } = await server.audit();
    expect(userRecords).toMatchObject({ stamped: 2000, duplicates: 0 });
    expect(seen[0]).toMatchObject({ distinct: 2000, sequenceMax: 1999 });
  });

  it.each(['direct', 'sdk'] as const)(
    'signs with credentials of its own, an identity or a provider, and never logs them (%s)',
    async (transport) => {
      const identity = { accessKeyId: 'AKIDOFTHETEST', secretAccessKey: 'secret-of-the-test' };
      await start([], 1, { credentials: [identity] });
      const lines: string[] = [];
      const log = (fields: object, text: string) => lines.push(JSON.stringify([fields, text]));
      const own = { transport, region: 'us-east-1', logger: { info: log, warn: log, error: log } };
      const record = { data: 'x', partitionKey: 'k' };
      const stored = { shardId: 'shardId-000000000000' };
      const simple = produce({ ...own, credentials: identity });
      expect(await simple.put(record)).toMatchObject(stored);
      let asked = 0;
      const provided = produce({
        ...own,
        credentials: async () => {
          asked++;
          return { ...identity, expiration: new Date(Date.now() + 3_600_000) };
        },
      });
      expect(await provided.put(record)).toMatchObject(stored);
      expect(asked).toBeGreaterThan(0);
      const wrong = produce({ ...own, credentials: { ...identity, secretAccessKey: 'other' } });
      const refused = await wrong.put(record).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(RecordError);
      for (const producer of producers) await producer.close();
      expect(lines.length).toBeGreaterThan(0);
      expect(`${lines} ${refused} ${inspect([simple, provided])}`).not.toMatch(
        /AKIDOFTHETEST|secret-of/,
      );
    },
  );

  it.each<ProducerOptions>([{ http: '1.1' }, { http: '2' }, { transport: 'sdk', http: '1.1' }])(
    'trusts the certificates that it is told to, and no others: %j',
    async (options) => {
      const { certificate, tlsEndpoint, close } = await startSimulator(
        {
          mode: 'provisioned',
          shards: 1,
          latency: { kind: 'zero' },
          faults: [],
          stream: 'clicks',
          seed: 1,
          region: null,
          tls: { port: 0 },
        },
        realClock(clockOrigin()),
      );
      const own = { ...options, endpoint: tlsEndpoint ?? '', recordTtlMs: 2000 };
      const record = { data: 'x', partitionKey: 'k' };
      const stored = { shardId: 'shardId-000000000000' };
      expect(await produce({ ...own, ca: certificate ?? '' }).put(record)).toMatchObject(stored);
      expect(await produce({ ...own, verifyCertificate: false }).put(record)).toMatchObject(stored);
      const wary = produce({ ...own, recordTtlMs: 200 });
      await expect(wary.put(record)).rejects.toMatchObject({ outcome: 'expired' });
      for (const producer of producers.splice(0)) await producer.close({ deadlineMs: 100 });
      await close();
    },
  );

  it('closes at its deadline and reports the rest', async () => {
    const server = await start([{ ...always, kind: 'throttle', rate: 1 }]);
    const producer = produce({ returnRecordOnFailure: true });
    const puts = Array.from({ length: 10 }, (_, i) =>
      producer.put({ data: stamped(i), partitionKey: `${i}` }).catch((error) => error),
    );
    const report = await producer.close({ deadlineMs: 500 });
    const ends = await Promise.all(puts);
    expect(ends.every((end) => end instanceof RecordError)).toBe(true);
    expect(report).toMatchObject({ isComplete: false, accepted: 0, failed: 10 });
    expect(report.undelivered).toHaveLength(10);
    expect((await server.audit()).userRecords.accepted).toBe(0);
  });

  it('ends when it is aborted', async () => {
    await start();
    const controller = new AbortController();
    const producer = produce({ signal: controller.signal, maxBufferedMs: 60_000 });
    const put = producer.put({ data: 'x', partitionKey: 'k' }).catch((error) => error);
    controller.abort();
    expect(await put).toMatchObject({ errorCode: 'Aborted' });
    expect(await producer.close()).toMatchObject({ accepted: 0, failed: 1 });
  });

  it('serves several streams; a missing one fails at once and disturbs no other', async () => {
    await start();
    const producer = produce();
    const missing = producer
      .put({ data: 'x', partitionKey: 'k', stream: 'absent' })
      .catch((error) => error);
    const there = await producer.put({ data: 'x', partitionKey: 'k' });
    expect(there.shardId).toMatch(/^shardId-/);
    expect(await missing).toMatchObject({
      code: 'SHARDSTORM_RECORD_FAILED',
      errorCode: 'ResourceNotFoundException',
    });
  });

  it('fails what no retry can mend when nobody is there only after the time to live', async () => {
    const producer = produce({
      endpoint: 'http://127.0.0.1:9',
      recordTtlMs: 300,
      requestTimeoutMs: 200,
    });
    const error = await producer.put({ data: 'x', partitionKey: 'k' }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'SHARDSTORM_RECORD_EXPIRED', outcome: 'expired' });
  });
});
