import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBlock } from '../../src/core/record-block.ts';
import { phaseIsClosed, type SchedulePhase } from '../../src/schedule/phase.ts';
import { compileSchedule } from '../../src/schedule/schedule.ts';
import { type Arrival, phase, SECOND_US, scheduleOf, walk, walkWhole } from './support.ts';

const constant = (perSecond: number, seconds: number) =>
  phase({ kind: 'constant', perSecond }, seconds);
const ramp = (fromPerSecond: number, toPerSecond: number, seconds: number) =>
  phase({ kind: 'ramp', fromPerSecond, toPerSecond }, seconds);

/** A few thousand records at the most, whatever the shape. */
const anyPhase: fc.Arbitrary<SchedulePhase> = fc.oneof(
  fc
    .tuple(
      fc.double({ min: 0, max: 900, noNaN: true }),
      fc.double({ min: 0.01, max: 2, noNaN: true }),
    )
    .map(([rate, seconds]) => constant(rate, seconds)),
  fc
    .tuple(fc.nat(500), fc.nat(500), fc.integer({ min: 1, max: 3 }))
    .map(([from, to, seconds]) => ramp(from, to, seconds)),
  fc
    .record({ from: fc.nat(300), to: fc.nat(300), step: fc.integer({ min: 7, max: 90 }) })
    .map(({ from, to, step }) =>
      phase(
        {
          kind: 'steps',
          fromPerSecond: from,
          toPerSecond: to,
          stepPerSecond: step,
          everyUs: 130_000,
        },
        1.3,
      ),
    ),
  fc
    .tuple(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([mean, share]) =>
      phase(
        { kind: 'sine', meanPerSecond: mean, amplitudePerSecond: mean * share, periodUs: 700_000 },
        1.5,
      ),
    ),
  fc
    .tuple(fc.nat(200), fc.nat(9))
    .map(([base, times]) =>
      phase({ kind: 'burst', basePerSecond: base, times, onUs: 90_000, offUs: 310_000 }, 1.1),
    ),
  fc
    .tuple(fc.nat(900), fc.constantFrom(0, 0, 150))
    .map(([onPerSecond, offPerSecond]) =>
      phase({ kind: 'onOff', onPerSecond, offPerSecond, onUs: 130_000, offUs: 270_000 }, 1.3),
    ),
  fc.constantFrom(0.3, 1).map((seconds) => constant(0, seconds)),
);

const anySchedule = fc.record({
  phases: fc.array(anyPhase, { minLength: 1, maxLength: 4 }),
  arrival: fc.constantFrom('constant' as const, 'poisson' as const),
  seed: fc.maxSafeNat(),
});

const byIndex = (a: Arrival, b: Arrival) => a.index - b.index;
const times = (arrivals: readonly Arrival[]) => arrivals.map(({ index, dueUs }) => [index, dueUs]);

describe('schedule', () => {
  it('is the same for any number of producers and threads', () => {
    const share = {
      producers: fc.integer({ min: 1, max: 40 }),
      workers: fc.integer({ min: 1, max: 9 }),
    };
    fc.assert(
      fc.property(anySchedule, fc.record(share), (options, { producers, workers }) => {
        const schedule = compileSchedule(options);
        const union = Array.from({ length: workers }, (_, worker) =>
          walk(schedule.cursor({ producers, workers, worker }), 17),
        ).flat();
        expect(times(union.sort(byIndex))).toEqual(times(walkWhole(schedule).sort(byIndex)));
      }),
      { numRuns: 60 },
    );
  });

  it('numbers records 0, 1, 2 … and yields them in due order within the phases', () => {
    fc.assert(
      fc.property(anySchedule, (options) => {
        const schedule = compileSchedule(options);
        const arrivals = walkWhole(schedule);
        expect(arrivals.length).toBe(schedule.totalRecords);
        for (let i = 0; i < arrivals.length; i++) {
          const { dueUs } = arrivals[i]!;
          expect(dueUs).toBeGreaterThanOrEqual(i === 0 ? 0 : arrivals[i - 1]!.dueUs);
          expect(dueUs).toBeLessThanOrEqual(schedule.durationUs);
        }
        const numbers = arrivals.map(({ index }) => index).sort((a, b) => a - b);
        expect(numbers).toEqual(arrivals.map((_, i) => i));
      }),
      { numRuns: 60 },
    );
  });

  it('gives each thread its own producers, and each producer the sequences 0, 1, 2 … in due order', () => {
    fc.assert(
      fc.property(anySchedule, (options) => {
        const [producers, workers] = [7, 3];
        const schedule = compileSchedule(options);
        for (let worker = 0; worker < workers; worker++) {
          const next = new Map<number, number>();
          for (const arrival of walk(schedule.cursor({ producers, workers, worker }))) {
            expect(arrival.producer % workers).toBe(worker);
            expect(arrival.index % producers).toBe(arrival.producer);
            expect(arrival.sequence).toBe(next.get(arrival.producer) ?? 0);
            next.set(arrival.producer, arrival.sequence + 1);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('takes the sequence from the record number where arrivals follow the rate', () => {
    const schedule = scheduleOf([constant(1000, 1)]);
    for (const { index, sequence } of walk(
      schedule.cursor({ producers: 7, workers: 2, worker: 1 }),
    )) {
      expect(sequence).toBe(Math.floor(index / 7));
    }
  });

  it('gives no records to a thread without a producer', () => {
    const cursor = scheduleOf([constant(100, 1)]).cursor({ producers: 2, workers: 3, worker: 2 });
    expect(cursor.nextDueUs).toBe(Number.POSITIVE_INFINITY);
    expect(cursor.fill(new RecordBlock(8, 0), Number.POSITIVE_INFINITY, 8)).toBe(0);
  });

  it('is exact at 10.5 records a second, with any number of threads', () => {
    const schedule = scheduleOf([constant(10.5, 60)]);
    expect(schedule.totalRecords).toBe(630);
    for (const workers of [1, 2, 3, 4, 7]) {
      const union = Array.from({ length: workers }, (_, worker) =>
        walk(schedule.cursor({ producers: workers, workers, worker })),
      ).flat();
      expect(union.length).toBe(630);
      for (const { index, dueUs } of union) expect(dueUs).toBe((index * 1e6) / 10.5);
    }
  });

  it('is exact at a million records a second', () => {
    const schedule = scheduleOf([constant(1_000_000, 0.5)]);
    const arrivals = walk(schedule.cursor({ producers: 3, workers: 3, worker: 2 }), 1024);
    expect(schedule.totalRecords).toBe(500_000);
    expect(arrivals.length).toBe(166_666);
    for (const { index, dueUs } of arrivals) if (dueUs !== index) expect(dueUs).toBe(index);
  });

  it.each(['constant', 'poisson'] as const)(
    'is one schedule at a million a second too, with any number of threads (%s)',
    (arrival) => {
      const schedule = scheduleOf([constant(1_000_000, 0.004), ramp(1_000_000, 0, 0.004)], arrival);
      const whole = times(walkWhole(schedule).sort(byIndex));
      for (const workers of [2, 3, 7]) {
        const union = Array.from({ length: workers }, (_, worker) =>
          walk(schedule.cursor({ producers: 11, workers, worker })),
        ).flat();
        expect(times(union.sort(byIndex))).toEqual(whole);
      }
    },
  );

  it('does not round where phases meet', () => {
    // 10.5 + 10.5 records: the second phase begins half a record late.
    const arrivals = walkWhole(scheduleOf([constant(10.5, 1), constant(10.5, 1)]));
    expect(arrivals.length).toBe(21);
    for (const { index, dueUs } of arrivals) expect(dueUs).toBeCloseTo((index * 1e6) / 10.5, 6);
  });

  it('counts a ramp exactly', () => {
    expect(walkWhole(scheduleOf([ramp(0, 5000, 2)])).length).toBe(5000);
    expect(scheduleOf([ramp(0, 5000, 10)]).totalRecords).toBe(25_000);
    expect(scheduleOf([ramp(5000, 0, 10)]).totalRecords).toBe(25_000);
  });

  it('keeps a rate of zero silent', () => {
    const arrivals = walkWhole(scheduleOf([constant(0, 5), constant(2, 1)]));
    expect(arrivals.map(({ dueUs }) => dueUs)).toEqual([5e6, 5.5e6]);
  });

  it('stops at untilUs, at limit and at the capacity of the block', () => {
    const cursor = scheduleOf([constant(1000, 1)]).cursor({ producers: 1, workers: 1, worker: 0 });
    const block = new RecordBlock(8, 0);
    expect(cursor.fill(block, 3000, 100)).toBe(4);
    expect(cursor.nextDueUs).toBe(4000);
    expect(cursor.fill(block, 100_000, 1)).toBe(1);
    expect(cursor.fill(block, 100_000, 100)).toBe(3);
    expect(cursor.fill(block, 100_000, 100)).toBe(0);
    expect(Array.from(block.dueUs)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000]);
  });

  it('replays recorded times at a speed, and never varies them', () => {
    const schedule = compileSchedule({
      phases: [constant(10.5, 1), phase({ kind: 'replay', speed: 60 }, 10)],
      arrival: 'constant',
      seed: 1,
      replayTimesUs: [null, Float64Array.of(600 * SECOND_US, 0, 60 * SECOND_US, 599 * SECOND_US)],
    });
    const replayed = walkWhole(schedule).slice(11);
    // The row at 600 s falls on the end of the phase and is left out.
    expect(replayed.map(({ dueUs }) => dueUs)).toEqual([1e6, 2e6, 1e6 + 599e6 / 60]);
    const varied = compileSchedule({
      phases: [phase({ kind: 'replay', speed: 1 }, 10)],
      arrival: 'poisson',
      seed: 1,
      replayTimesUs: [Float64Array.of(0, 10, 20)],
    });
    expect(walkWhole(varied).map(({ dueUs }) => dueUs)).toEqual([0, 10, 20]);
  });

  it('lets the caller decide in a closed phase, and goes on with the next phase after it', () => {
    const closed = phase({ kind: 'closed', concurrency: 5 }, 1);
    const schedule = scheduleOf([constant(2, 1), closed, constant(2, 1)]);
    expect([phaseIsClosed(closed), phaseIsClosed(constant(1, 1))]).toEqual([true, false]);
    expect(schedule.totalRecords).toBe(Number.POSITIVE_INFINITY);
    const cursor = schedule.cursor({ producers: 3, workers: 1, worker: 0 });
    const block = new RecordBlock(64, 0);
    expect(cursor.fill(block, 1.2e6, 64)).toBe(2);
    expect([cursor.concurrency, cursor.nextDueUs]).toEqual([5, 1e6]);
    expect(cursor.fill(block, 1.2e6, 3)).toBe(3);
    expect(cursor.fill(block, 1.9e6, 1)).toBe(1);
    expect(cursor.fill(block, 2e6, 5)).toBe(0);
    expect([cursor.concurrency, cursor.nextDueUs]).toEqual([0, 2e6]);
    expect(cursor.fill(block, 9e6, 64)).toBe(2);
    expect(Array.from(block.dueUs.subarray(0, 8))).toEqual([
      0, 5e5, 1.2e6, 1.2e6, 1.2e6, 1.9e6, 2e6, 2.5e6,
    ]);
    expect(new Set(block.index.subarray(0, 8)).size).toBe(8);
    expect(cursor.nextDueUs).toBe(Number.POSITIVE_INFINITY);
  });

  it('names the field of a phase that is not a schedule', () => {
    const message = (each: SchedulePhase) => {
      try {
        scheduleOf([constant(1, 1), each]);
        return 'accepted';
      } catch (thrown) {
        return (thrown as Error).message;
      }
    };
    expect(message(constant(-1, 1))).toBe('load.phases[1].rate: -1 is not allowed');
    expect(message(constant(1, 0))).toBe('load.phases[1].duration: 0 is not allowed');
    expect(message(phase({ kind: 'replay', speed: 1 }, 1))).toContain('replay.file: no times');
    const sine = { kind: 'sine', meanPerSecond: 5, amplitudePerSecond: 6, periodUs: 1e6 } as const;
    expect(message(phase(sine, 1))).toContain('sine.amplitude: 6/s');
    expect(() => scheduleOf([])).toThrow('load.phases');
  });
});

it('counts a Poisson schedule of years by what is expected of it, and its shares add up to that', () => {
  const schedule = scheduleOf(
    [constant(100, 1), constant(10_000, 1e8), constant(100, 1)],
    'poisson',
  );
  expect(schedule.recordsIn(1)).toBe(1e12);
  const parts = [0, 1, 2].map((index) => schedule.recordsInShare(1, 7, { index, count: 3 }));
  expect(parts.reduce((sum, part) => sum + part, 0)).toBe(1e12);
  const last = [0, 1, 2].map((index) => schedule.recordsInShare(2, 7, { index, count: 3 }));
  expect(last.reduce((sum, part) => sum + part, 0)).toBe(schedule.recordsIn(2));
});
