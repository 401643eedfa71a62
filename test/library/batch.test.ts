import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  BatchResult,
  ProducerOptions,
  ProducerRecord,
  RecordColumns,
} from '../../src/library/index.ts';
import { RecordError } from '../../src/library/index.ts';
import { evenShards } from '../producer/harness.ts';
import { LibraryHarness } from './support.ts';

/** Accepts or refuses each entry as the next of these numbers says; then accepts. */
function answerBy(h: LibraryHarness, choices: number[]): void {
  const accept = h.answer;
  h.answer = (request, entries) => {
    const choice = choices.pop() ?? 0;
    const { answer } = request;
    if (choice === 3) return answer.fail('unknown', 'RequestTimeout', 'no answer');
    accept(request, entries);
    if (choice === 0) return;
    entries.forEach((_, i) => {
      if (i % 2 === choice - 1) answer.refuseEntry(i, 'InternalFailure', '');
    });
  };
}

function packed(texts: readonly string[]): { bytes: Buffer; starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  let bytes = Buffer.alloc(0);
  for (const text of texts) {
    bytes = Buffer.concat([bytes, Buffer.from('\n')]);
    starts.push(bytes.length);
    bytes = Buffer.concat([bytes, Buffer.from(text)]);
    ends.push(bytes.length);
  }
  return { bytes, starts, ends };
}

type Form = 'list' | 'columns' | 'packed';

function inForm(form: Form, list: readonly ProducerRecord[]): ProducerRecord[] | RecordColumns {
  if (form === 'list') return [...list];
  const texts = list.map(({ data }) => data as string);
  return {
    partitionKeys: list.map(({ partitionKey }) => partitionKey),
    explicitHashKeys: list.map(({ explicitHashKey }) => explicitHashKey),
    data: form === 'columns' ? texts : packed(texts),
  };
}

const listOf = (count: number): ProducerRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    partitionKey: `k${i % 7}`,
    data: `payload ${i}`,
    ...(i % 5 === 0 ? { explicitHashKey: 1n << BigInt(i % 128) } : {}),
  }));

/** Everything that was sent, as text. */
const sentData = (h: LibraryHarness): string =>
  h.transport.requests
    .flat()
    .map(({ data }) => Buffer.from(data).toString('latin1'))
    .join();

async function sendAll(
  h: LibraryHarness,
  records: ProducerRecord[] | RecordColumns,
  count: number,
): Promise<BatchResult[]> {
  const ended: BatchResult[] = [];
  for (let from = 0; from < count; ) {
    const taken = h.producer.trySendBatch(records, (batch) => ended.push(batch), {
      from,
      token: from,
    });
    from += taken;
    if (taken === 0) await h.pass(10);
  }
  await h.pass(60_000);
  return ended;
}

describe('a batch', () => {
  it.each<Form>(['list', 'columns', 'packed'])(
    'given as %s tells of each record what its own callback would',
    async (form) => {
      const results = await Promise.all(
        [true, false].map(async (isBatch) => {
          const h = new LibraryHarness();
          await h.pass(5);
          answerBy(h, [0, 1, 2, 1]);
          const list = listOf(60);
          const told: unknown[] = [];
          if (isBatch) {
            const [batch] = await sendAll(h, inForm(form, list), list.length);
            list.forEach((_, i) => {
              const place = { sub: batch?.subSequenceNumber(i), id: batch?.shardId(i) };
              told.push([batch?.outcome(i), batch?.sequenceNumber(i), place]);
            });
            expect(batch).toMatchObject({ count: 60, accepted: 60, failed: 0, token: 0 });
          } else {
            list.forEach((record, i) => {
              h.producer.trySend(
                record,
                (_, result) => {
                  const place = { sub: result?.subSequenceNumber, id: result?.shardId };
                  told[i] = [result, result?.sequenceNumber, place];
                },
                i,
              );
            });
            await h.pass(60_000);
          }
          return { told, sent: sentData(h) };
        }),
      );
      expect(results[0]?.told).toHaveLength(60);
      expect(results[0]).toEqual(results[1]);
    },
  );

  it('may overwrite the buffer that its payloads lay in, even before anything can go', async () => {
    const h = new LibraryHarness({ stream: 'test', returnRecordOnFailure: true });
    h.shards = evenShards(1);
    h.answer = (request) => request.answer.fail('failed', 'AccessDeniedException', 'no', 400);
    const ended: BatchResult[] = [];
    const put = () => {
      const columns = { partitionKeys: ['a', 'b'], data: packed(['first', 'second']) };
      h.producer.trySendBatch(columns, (batch) => ended.push(batch));
      columns.data.bytes.fill(0x2a);
    };
    put();
    await h.pass(500);
    put();
    await h.pass(500);
    expect(sentData(h)).not.toContain('***');
    expect(sentData(h)).toMatch(/first.*second.*first.*second/s);
    expect(ended).toHaveLength(2);
    for (const batch of ended) {
      const record = batch.errors.get(1)?.record;
      expect(record?.partitionKey).toBe('b');
      expect(Buffer.from(record?.data as Uint8Array).toString()).toBe('second');
    }
  });

  it('says nothing of records that it does not have, and nothing at all when it has none', async () => {
    const h = new LibraryHarness();
    const ended = await sendAll(h, listOf(2), 2);
    const [batch] = ended;
    for (const place of [-1, 2, 0.5]) {
      expect(batch?.outcome(place)).toBeUndefined();
      expect([batch?.shardId(place), batch?.sequenceNumber(place)]).toEqual([null, null]);
      expect(batch?.subSequenceNumber(place)).toBeNull();
    }
    expect(h.producer.trySendBatch([], (none) => ended.push(none))).toBe(0);
    expect(h.producer.trySendBatch(listOf(2), (none) => ended.push(none), { from: 2 })).toBe(0);
    await h.pass(1000);
    expect(ended).toHaveLength(1);
  });

  it('may throw when it is told, and costs no other', async () => {
    const h = new LibraryHarness();
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    let told = 0;
    for (const message of ['one', 'two']) {
      h.producer.trySendBatch(listOf(3), () => {
        told++;
        throw new Error(message);
      });
    }
    await h.pass(1000);
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
    expect(told).toBe(2);
    expect(thrown).toHaveLength(2);
  });

  it.each<[string, unknown, RegExp]>([
    ['payloads that are too few', { partitionKeys: ['a', 'b'], data: ['x'] }, /data is 1 long/],
    [
      'hash keys that are too many',
      { partitionKeys: ['a'], data: ['x'], explicitHashKeys: ['1', '2'] },
      /explicitHashKeys is 2 long; allowed: as long as partitionKeys, 1/,
    ],
    [
      'hash keys that are none',
      { partitionKeys: ['a'], data: ['x'], explicitHashKeys: null },
      /explicitHashKeys is object; allowed: a list/,
    ],
    ['no payloads', { partitionKeys: ['a'] }, /data is undefined; allowed: a list/],
    [
      'a range beyond its buffer',
      { partitionKeys: ['a'], data: { bytes: Buffer.alloc(3), starts: [1], ends: [4] } },
      /data is the range 1 to 4; allowed: within the 3 bytes/,
    ],
    [
      'a range that is none',
      { partitionKeys: ['a'], data: { bytes: Buffer.alloc(3), starts: [2], ends: [1] } },
      /data is the range 2 to 1/,
    ],
    ['a payload of a number', { partitionKeys: ['a'], data: [7] }, /data is number/],
    ['a key of a number', { partitionKeys: [7], data: ['x'] }, /partitionKey is number/],
    ['a hole', [undefined], /record is undefined; allowed: an object/],
    ['a number as hash key', [{ partitionKey: 'a', data: '', explicitHashKey: 5 }], /explicitHash/],
    ['neither', {}, /records is object; allowed: a list of records, or columns/],
  ])('is refused with %s, and then nothing of it is taken', async (_what, input, message) => {
    const { producer } = new LibraryHarness();
    producer.trySend({ partitionKey: 'a', data: 'x', explicitHashKey: '5' });
    expect(() => producer.trySendBatch(input as RecordColumns)).toThrow(message);
    const mixed = [{ partitionKey: 'a', data: 'x' }, ...(Array.isArray(input) ? input : [null])];
    expect(() => producer.trySendBatch(mixed as ProducerRecord[])).toThrow();
    expect(producer.outstanding).toBe(1);
  });

  it('is passed over up to a place that is a number', () => {
    const { producer } = new LibraryHarness();
    expect(() => producer.trySendBatch(listOf(3), null, { from: -1 })).toThrow(/from is -1/);
  });
});

describe('every record', () => {
  const options = fc.constantFrom<ProducerOptions>(
    {},
    { ordered: true },
    { aggregation: { enabled: false } },
    { profile: 'kpl' },
    { maxBufferedBytes: 6000 },
    { maxBufferedBytes: 6000, maxAttempts: 2, recordTtlMs: 800 },
  );
  const steps = fc.array(
    fc.record({
      how: fc.constantFrom('put', 'send', 'silent', 'list', 'columns', 'packed', 'pass', 'flush'),
      count: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('ends once, however it was put and whatever becomes of it, and is counted once', async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        steps,
        fc.array(fc.nat(3), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (own, walk, choices, firstKey) => {
          const h = new LibraryHarness({ stream: 'test', ...own });
          answerBy(h, choices);
          let put = 0;
          let silent = 0;
          const ends = new Map<string, number>();
          const ended = (name: string, isError: boolean) =>
            ends.set(`${name} ${isError}`, (ends.get(`${name} ${isError}`) ?? 0) + 1);
          const flushes: Promise<void>[] = [];
          for (const { how, count } of walk) {
            const list = listOf(count + firstKey).slice(firstKey);
            if (how === 'pass') await h.pass(count * 20);
            else if (how === 'flush') flushes.push(h.producer.flush());
            else if (how === 'put') {
              for (const record of list) {
                const name = `${put++}`;
                h.producer.put(record).then(
                  () => ended(name, false),
                  () => ended(name, true),
                );
              }
            } else if (how === 'send') {
              for (const record of list) {
                const told = (error: unknown, _: unknown, name: unknown) =>
                  ended(name as string, error !== null);
                if (h.producer.trySend(record, told, `${put}`)) put++;
              }
            } else if (how === 'silent') {
              for (const record of list) if (h.producer.trySend(record)) silent++;
            } else {
              const first = put;
              put += h.producer.trySendBatch(inForm(how, list), ({ outcomes }) => {
                outcomes.forEach((outcome, i) => {
                  ended(`${first + i}`, outcome instanceof RecordError);
                });
              });
            }
          }
          await h.pass(60_000);
          await Promise.all(flushes);
          expect(h.producer.outstanding).toBe(0);
          expect(h.producer.bufferedBytes + h.producer.waitingBytes).toBe(0);
          expect([...ends.values()].every((times) => times === 1)).toBe(true);
          expect(new Set([...ends.keys()].map((end) => end.split(' ')[0])).size).toBe(put);
          const { accepted, failed, expired } = await h.producer.close();
          expect(accepted + failed + expired).toBe(put + silent);
          const failures = [...ends.keys()].filter((end) => end.endsWith('true')).length;
          if (silent === 0) expect(failed + expired).toBe(failures);
        },
      ),
      { numRuns: 25 },
    );
  });
});
