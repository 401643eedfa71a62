import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardBuckets } from '../../src/producer/buckets.ts';
import { KinesisRecord } from '../../src/producer/kinesis-record.ts';
import { Limiter } from '../../src/producer/limit.ts';
import { WaitingRecords } from '../../src/producer/waiting-records.ts';

function record(deadlineUs: number, expirationUs: number): KinesisRecord {
  const made = new KinesisRecord();
  made.predictedShard = 0;
  made.dataEnd = 100;
  made.deadlineUs = deadlineUs;
  made.expirationUs = expirationUs;
  return made;
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ deadlineUs: fc.nat(50), expirationUs: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.constant('pop' as const) },
    { weight: 2, arbitrary: fc.record({ nowUs: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ takenBelowUs: fc.nat(50) }) },
  ),
  { maxLength: 200 },
);

describe('records that wait', () => {
  it('leave by deadline, by expiration and by choice as from a plain list', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const waiting = new WaitingRecords();
        let model: KinesisRecord[] = [];
        const leaves = (left: KinesisRecord | undefined) => {
          expect(model).toContain(left);
          model = model.filter((one) => one !== left);
        };
        for (const step of all) {
          const firstUs = Math.min(...model.map((one) => one.deadlineUs));
          if (step === 'pop') {
            if (model.length === 0) continue;
            const popped = waiting.pop();
            expect(popped.deadlineUs).toBe(firstUs);
            leaves(popped);
          } else if ('deadlineUs' in step) {
            const made = record(step.deadlineUs, step.expirationUs);
            waiting.push(made);
            model.push(made);
          } else if ('nowUs' in step) {
            const earliestUs = Math.min(...model.map((one) => one.expirationUs));
            const over = waiting.takeExpired(step.nowUs);
            if (earliestUs > step.nowUs) expect(over).toBeUndefined();
            else {
              expect(over?.expirationUs).toBe(earliestUs);
              leaves(over);
            }
          } else {
            const isTaken = (one: KinesisRecord) => one.deadlineUs < step.takenBelowUs;
            const expected = model.filter(isTaken).length;
            let taken = 0;
            waiting.takeWhere(isTaken, (one) => {
              taken++;
              leaves(one);
            });
            expect(taken).toBe(expected);
          }
          expect(waiting.size).toBe(model.length);
          expect(waiting.first?.deadlineUs ?? Number.POSITIVE_INFINITY).toBe(
            Math.min(...model.map((one) => one.deadlineUs)),
          );
          expect(waiting.expirationUs).toBe(Math.min(...model.map((one) => one.expirationUs)));
        }
      }),
    );
  });

  it('expire one after the other without a look at all that wait', () => {
    const count = 20_000;
    let looks = 0;
    let expired = 0;
    const buckets = new ShardBuckets(0.000_001);
    for (let i = 0; i < 1000; i++) buckets.take(0, 0, 0);
    const limiter = new Limiter(
      buckets,
      0,
      () => {},
      () => expired++,
    );
    for (let i = 0; i < count; i++) {
      const made = record(i, i + 1);
      Object.defineProperty(made, 'expirationUs', {
        get: () => {
          looks++;
          return i + 1;
        },
      });
      limiter.put(made, 0);
    }
    for (let nowUs = 1; nowUs <= count; nowUs++) limiter.advance(nowUs);
    expect(expired).toBe(count);
    // A few looks a record, however many wait behind it.
    expect(looks).toBeLessThan(8 * count);
  });
});
