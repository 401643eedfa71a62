import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outcomes } from '../../src/load/outcomes.ts';
import type { Frame } from '../../src/measure/frame.ts';
import { Recorder } from '../../src/measure/recorder.ts';
import { Collection } from '../../src/producer/collect.ts';
import { KinesisRecord } from '../../src/producer/kinesis-record.ts';
import type { Pipeline } from '../../src/producer/pipeline.ts';
import { Request } from '../../src/producer/send.ts';
import { UserRecords } from '../../src/producer/user-records.ts';

/** Two phases; what lies outside belongs to the nearer one. */
const PHASES = [
  { startUs: 0, endUs: 1000 },
  { startUs: 1000, endUs: 2000 },
];
const SENT_US = 5000.25;
const DONE_US = 9000.5;
const SELF = {} as Frame['self'];

const userRecord = fc.record({
  dueUs: fc.double({ min: -100, max: 4000, noNaN: true }),
  lateUs: fc.double({ min: 0, max: 900, noNaN: true }),
  bytes: fc.nat(60_000),
  isRetried: fc.boolean(),
});
const kinesisRecord = fc.record({
  users: fc.array(userRecord, { minLength: 1, maxLength: 6 }),
  shard: fc.nat(2),
  keyBytes: fc.integer({ min: 1, max: 256 }),
});
type Drawn = typeof kinesisRecord extends fc.Arbitrary<infer T> ? T : never;

/** A call of those records, answered: all accepted where they were expected. */
function callOf(drawn: readonly Drawn[]) {
  const records = new UserRecords(1);
  const request = new Request('stream', false);
  const collection = new Collection();
  request.collection = collection;
  request.sentUs = SENT_US;
  request.doneUs = DONE_US;
  request.answer.status = 'answered';
  for (const [entry, { users, shard, keyBytes }] of drawn.entries()) {
    const record = new KinesisRecord();
    for (const { dueUs, lateUs, bytes, isRetried } of users) {
      const slot = records.take();
      records.dueUs[slot] = dueUs;
      records.generatedUs[slot] = dueUs + lateUs;
      records.payloadBytes[slot] = bytes;
      records.attempts[slot] = isRetried ? 1 : 0;
      records.firstSentUs[slot] = dueUs + lateUs + 10;
      if (record.firstSlot < 0) record.firstSlot = slot;
      else records.next[record.lastSlot] = slot;
      record.lastSlot = slot;
      if (!isRetried) record.freshCount++;
      record.dataEnd += bytes;
      record.count++;
    }
    record.keyEnd = keyBytes;
    record.sentUs = SENT_US;
    record.predictedShard = shard;
    collection.add(record);
    request.answer.acceptEntry(entry, shard);
  }
  return { records, request, pipeline: { records } as Pipeline };
}

/** What the recorder holds after a call was told of at once, or record by record. */
function frameOf(drawn: readonly Drawn[], isToldAtOnce: boolean): Frame {
  const { request, pipeline } = callOf(drawn);
  const recorder = new Recorder({ worker: 0, phases: PHASES });
  const observer = new Outcomes(recorder).observe(
    0,
    () => pipeline,
    () => {},
  );
  if (isToldAtOnce) observer.acceptedAll?.(request);
  else {
    for (const [entry, record] of request.entries.entries()) {
      record.attempts++;
      observer.attempted(record, 'accepted', '', record.predictedShard, '');
      observer.accepted(record, request, entry);
    }
  }
  return recorder.takeFrame(0, 1, SELF, true);
}

/** Sums of the same times in another order differ in their last bits. */
function rounded(frame: Frame) {
  const phases = frame.phases.map(({ latency, ...rest }) => ({
    ...rest,
    latency: Object.entries(latency).map(([metric, { sumUs, ...delta }]) => ({
      metric,
      ...delta,
      sumUs: Math.round(sumUs * 1000),
    })),
  }));
  return { phases, shards: frame.shards };
}

describe('a call in which all was accepted', () => {
  it('is counted as its records one by one would be', () => {
    fc.assert(
      fc.property(fc.array(kinesisRecord, { minLength: 1, maxLength: 20 }), (drawn) => {
        expect(rounded(frameOf(drawn, true))).toEqual(rounded(frameOf(drawn, false)));
      }),
      { numRuns: 200 },
    );
  });

  it('counts known times: of three records, one of them sent twice', () => {
    const user = { dueUs: 100, lateUs: 50, bytes: 10, isRetried: false };
    const late = { ...user, dueUs: 1500, isRetried: true };
    const frame = frameOf(
      [
        { users: [user, late], shard: 1, keyBytes: 4 },
        { users: [user], shard: 1, keyBytes: 4 },
      ],
      true,
    );
    const [first, second] = frame.phases.map(({ latency }) => latency);
    const sums = (latency: typeof first) =>
      Object.fromEntries(Object.entries(latency ?? {}).map(([name, { sumUs }]) => [name, sumUs]));
    expect(sums(first)).toEqual({
      response: 2 * (DONE_US - 100),
      lateness: 2 * 50,
      buffering: 2 * (SENT_US - 150),
      retry: 0,
      service: 2 * (DONE_US - SENT_US),
    });
    expect(sums(second)).toEqual({
      response: DONE_US - 1500,
      lateness: 50,
      buffering: 10,
      retry: SENT_US - 1560,
      service: DONE_US - SENT_US,
    });
    expect(frame.shards).toEqual([{ phase: 0, shard: 1, records: 2, bytes: 38, throttled: 0 }]);
  });

  it('may have more user records than are counted at a time', () => {
    const users = Array.from({ length: 3000 }, (_, i) => ({
      dueUs: i / 2,
      lateUs: 1,
      bytes: 1,
      isRetried: i % 7 === 0,
    }));
    const frame = frameOf([{ users, shard: 0, keyBytes: 1 }], true);
    let counted = 0;
    let sumUs = 0;
    for (const { latency } of frame.phases) {
      sumUs += latency.response?.sumUs ?? 0;
      for (const [i, count] of latency.response?.slots.entries() ?? [])
        if (i % 2 === 1) counted += count;
    }
    expect(counted).toBe(3000);
    expect(sumUs).toBe(users.reduce((sum, { dueUs }) => sum + DONE_US - dueUs, 0));
  });
});
