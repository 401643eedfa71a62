import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collection, Collector } from '../../src/producer/collect.ts';
import { KinesisRecord } from '../../src/producer/kinesis-record.ts';

const LIMITS = { maxCount: 8, maxBytes: 1000, maxShardBytes: 400 };
const EXTRA_US = 20;

interface Step {
  readonly gapUs: number;
  readonly shard: number;
  readonly bytes: number;
  readonly bufferUs: number;
  readonly ttlUs: number;
}
interface Item {
  readonly id: number;
  readonly shard: number;
  readonly bytes: number;
  deadlineUs: number;
}

const steps = fc.array(
  fc.record({
    gapUs: fc.constantFrom(0, 0, 1, 10, 100),
    shard: fc.integer({ min: -1, max: 100 }),
    bytes: fc.constantFrom(1, 60, 150, 390, 700, 1500),
    bufferUs: fc.constantFrom(0, 50, 120),
    ttlUs: fc.constantFrom(0, 10, 40, 1e9),
  }),
  { minLength: 1, maxLength: 80, size: 'max' },
);

/** The rules, one after the other, over a plain list; everything is counted anew each time. */
function model(input: readonly Step[], overfills: boolean): { ids: number[]; reason: string }[] {
  const closed: { ids: number[]; reason: string }[] = [];
  let open: Item[] = [];
  let nowUs = 0;
  const sum = (items: readonly Item[]) => items.reduce((total, { bytes }) => total + bytes, 0);
  const close = (reason: string) => {
    const left: Item[] = [];
    if (overfills) {
      open.sort((a, b) => a.deadlineUs - b.deadlineUs);
      while (sum(open) > LIMITS.maxBytes && open.length > 1) left.push(open.pop() as Item);
    }
    closed.push({ ids: open.map(({ id }) => id), reason });
    open = left;
  };
  const pass = (untilUs: number) => {
    for (;;) {
      const dueUs = Math.min(...open.map(({ deadlineUs }) => deadlineUs));
      if (open.length === 0 || dueUs > untilUs) break;
      close('time');
    }
    nowUs = untilUs;
  };
  input.forEach(({ gapUs, shard, bytes, bufferUs, ttlUs }, id) => {
    pass(nowUs + gapUs);
    if (!overfills && open.length > 0 && sum(open) + bytes > LIMITS.maxBytes) close('size');
    const waitUs = Math.min(Math.max(bufferUs, EXTRA_US), ttlUs);
    open.push({ id, shard, bytes, deadlineUs: nowUs + waitUs });
    if (open.length >= LIMITS.maxCount) close('count');
    else if (sum(open) >= LIMITS.maxBytes) close('size');
    else if (shard >= 0 && sum(open.filter((item) => item.shard === shard)) >= 400) close('shard');
  });
  pass(nowUs + 1000);
  return closed;
}

function run(input: readonly Step[], overfills: boolean): { ids: number[]; reason: string }[] {
  const closed: { ids: number[]; reason: string }[] = [];
  const ids = new Map<KinesisRecord, number>();
  const collector = new Collector(
    LIMITS,
    EXTRA_US,
    overfills,
    () => new Collection(),
    ({ records, closedBy }) => {
      closed.push({ ids: records.map((record) => ids.get(record) ?? -1), reason: closedBy });
    },
  );
  let nowUs = 0;
  const pass = (untilUs: number) => {
    while (collector.nextUs <= untilUs) collector.advance(collector.nextUs);
    nowUs = untilUs;
  };
  input.forEach(({ gapUs, shard, bytes, bufferUs, ttlUs }, id) => {
    pass(nowUs + gapUs);
    const record = new KinesisRecord();
    record.predictedShard = shard;
    record.dataEnd = bytes;
    record.deadlineUs = nowUs + bufferUs;
    record.expirationUs = nowUs + ttlUs;
    ids.set(record, id);
    collector.put(record, nowUs);
  });
  pass(nowUs + 1000);
  return closed;
}

describe('the collector', () => {
  it.each([false, true])('does what its rules say, one by one (overfills: %s)', (overfills) => {
    fc.assert(
      fc.property(steps, (input) => {
        expect(run(input, overfills)).toEqual(model(input, overfills));
      }),
      { numRuns: 300 },
    );
  });

  it('flushes at the earliest time it was told, so that flush upon flush cannot put it off', () => {
    const closed: string[] = [];
    const collector = new Collector(
      LIMITS,
      EXTRA_US,
      false,
      () => new Collection(),
      ({ closedBy }) => closed.push(closedBy),
    );
    const record = new KinesisRecord();
    record.deadlineUs = 1e9;
    record.expirationUs = 1e9;
    collector.put(record, 0);
    for (let nowUs = 0; nowUs <= 160; nowUs += 40) {
      collector.advance(nowUs);
      collector.flushAt(nowUs + 80);
    }
    expect(closed).toEqual(['flush']);
  });
});
