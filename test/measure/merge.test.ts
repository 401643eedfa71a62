import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packFrame } from '../../src/measure/codec.ts';
import { COUNTER_INDEX, type Frame } from '../../src/measure/frame.ts';
import type { MeasuredPhase } from '../../src/measure/generator-totals.ts';
import type { Interval } from '../../src/measure/interval.ts';
import {
  EVENTS_MAX,
  FrameMerger,
  type MergedEvent,
  OPEN_SECONDS_MAX,
} from '../../src/measure/merge.ts';
import type { PhaseTotals } from '../../src/measure/run-totals.ts';
import { FakeWorker } from './builders.ts';

const SECOND = 1_000_000;
const PHASES: readonly MeasuredPhase[] = [
  { startUs: 0, endUs: 2 * SECOND, isMeasured: false },
  { startUs: 2 * SECOND, endUs: 10 * SECOND, isMeasured: true },
];
const ENDS = PHASES.map((phase) => phase.endUs);
const OFFERED = COUNTER_INDEX['userRecords.offered'];

/** What a callback saw, copied: intervals are reused. */
interface Seen {
  second: number;
  startUs: number;
  endUs: number;
  durationUs: number;
  offered: number[];
  responses: number;
}

function watched(workers: number, phases = PHASES) {
  const seen: Seen[] = [];
  const events: MergedEvent[] = [];
  const merger = new FrameMerger({
    workers,
    phases,
    onInterval: (interval: Interval) => {
      const { second, startUs, endUs, durationUs } = interval;
      const offered = interval.phases.map((phase) => phase.counters[OFFERED] ?? 0);
      const responses = interval.phases.reduce((sum, p) => sum + p.latency.response.count, 0);
      seen.push({ second, startUs, endUs, durationUs, offered, responses });
    },
    onEvent: (event) => events.push(event),
  });
  return { merger, seen, events };
}

/** Frames of some workers with seeded contents, a second each. */
function framesOf(amounts: readonly (readonly number[])[]): Frame[] {
  return amounts.flatMap((perSecond, worker) => {
    const fake = new FakeWorker(worker, ENDS);
    return perSecond.map((amount, second) => {
      const phase = second < 2 ? 0 : 1;
      fake.recorder.add(phase, OFFERED, amount);
      if (amount > 0) fake.recorder.latency(phase, 'response').recordCount(amount * 10, amount);
      if (amount > 0) fake.recorder.errorCode(phase, `Code${amount % 3}`, 1);
      fake.recorder.shardAccepted(phase, amount % 5, amount, amount * 100);
      return fake.frame((second + 1) * SECOND, { cpuUs: amount });
    });
  });
}

function digest(merger: FrameMerger) {
  const ofPhase = (totals: PhaseTotals) => {
    const slots: number[] = [];
    totals.latency.response.forEachSlot((slot, count) => slots.push(slot, count));
    return {
      counters: [...totals.counters],
      slots,
      errors: [...totals.errorCodes].sort(),
      shards: [...totals.shards].sort((a, b) => a[0] - b[0]),
    };
  };
  return { phases: merger.phases.map(ofPhase), measured: ofPhase(merger.measured()) };
}

describe('FrameMerger', () => {
  it('gives the same totals and seconds in any order of workers, with frames repeated', () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 8 });
    const workers = fc.array(amounts, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(workers, fc.infiniteStream(fc.nat(1000)), (perWorker, choices) => {
        const frames = framesOf(perWorker);
        const plain = watched(perWorker.length);
        for (const frame of frames) plain.merger.add(frame);
        plain.merger.flush();

        const mixed = watched(perWorker.length);
        const queues = perWorker.map((_, w) => frames.filter((frame) => frame.worker === w));
        const sent: Frame[] = [];
        while (queues.some((queue) => queue.length > 0)) {
          const live = queues.filter((queue) => queue.length > 0);
          const frame = live[(choices.next().value as number) % live.length]?.shift();
          if (frame === undefined) break;
          expect(mixed.merger.add(packFrame(frame))).toBe(true);
          sent.push(frame);
          const again = sent[(choices.next().value as number) % sent.length];
          if (again !== undefined) expect(mixed.merger.add(again)).toBe(false);
        }
        mixed.merger.flush();

        expect(digest(mixed.merger)).toEqual(digest(plain.merger));
        expect(mixed.seen).toEqual(plain.seen);
        const offered = perWorker.flat().reduce((sum, amount) => sum + amount, 0);
        const inSeconds = plain.seen.flatMap((s) => s.offered).reduce((sum, x) => sum + x, 0);
        expect(inSeconds).toBe(offered);
        expect(plain.merger.missingFrames).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('tells lost frames, and forgives one that comes late', () => {
    const { merger } = watched(1);
    const frames = framesOf([[1, 2, 3, 4]]);
    for (const i of [0, 3]) merger.add(frames[i] as Frame);
    expect(merger.missingFrames).toBe(2);
    expect(merger.add(frames[1] as Frame)).toBe(true);
    expect(merger.add(frames[1] as Frame)).toBe(false);
    expect(merger.missingFrames).toBe(1);
    expect(merger.phases[0]?.counters[OFFERED]).toBe(1 + 2);
  });

  it('counts only measured phases in the totals of the run', () => {
    const { merger } = watched(1);
    for (const frame of framesOf([[10, 20, 30]])) merger.add(frame);
    expect(merger.measured().counters[OFFERED]).toBe(30);
  });

  it('passes a second on when every live worker has sent it, and not before', () => {
    const { merger, seen } = watched(2);
    const [a0, a1, b0, b1] = framesOf([
      [1, 2],
      [10, 20],
    ]) as [Frame, Frame, Frame, Frame];
    merger.add(a0);
    merger.add(a1);
    expect(seen).toHaveLength(0);
    merger.add(b0);
    expect(seen.map((s) => s.offered)).toEqual([[11]]);
    merger.add(b1);
    expect(seen.map((s) => [s.second, s.offered])).toEqual([
      [0, [11]],
      [1, [22]],
    ]);
  });

  it('does not wait for a worker that ended or died', () => {
    const { merger, seen } = watched(3);
    const last = new FakeWorker(1, ENDS).frame(300_000, {}, true);
    merger.add(last);
    for (const frame of framesOf([[1, 2]])) merger.add(frame);
    expect(seen).toHaveLength(0);
    expect(merger.liveWorkers).toBe(2);
    merger.endWorker(2);
    expect(seen.map((s) => s.second)).toEqual([0, 1]);
  });

  it('goes on without a worker that is silent for long', () => {
    const { merger, seen } = watched(2);
    const worker = new FakeWorker(0, ENDS);
    for (let second = 1; second <= OPEN_SECONDS_MAX + 5; second++) {
      merger.add(worker.frame(second * SECOND));
    }
    expect(seen.map((s) => s.second)).toEqual([0, 1, 2, 3, 4]);
  });

  it('puts a frame that ends a little late or early in the nearest second, a straggler in the next', () => {
    const { merger, seen } = watched(1);
    const worker = new FakeWorker(0, ENDS);
    const ends = [1.02, 1.98, 3.3, 3.35, 6];
    for (const end of ends) merger.add(worker.frame(end * SECOND));
    expect(seen.map((s) => s.second)).toEqual([0, 1, 2, 3, 5]);
    expect(seen.map((s) => Math.round(s.durationUs / 1000))).toEqual([1020, 960, 1320, 50, 2650]);
  });

  it('divides by the length of the second, not by that of a worker that ended in it', () => {
    const { merger, seen } = watched(2);
    merger.add(new FakeWorker(0, ENDS).frame(SECOND));
    merger.add(new FakeWorker(1, ENDS).frame(0.6 * SECOND, {}, true));
    expect(seen.map((s) => s.durationUs)).toEqual([SECOND]);
  });

  it('takes shard peaks from whole seconds over all workers and phases', () => {
    const { merger } = watched(2);
    const workers = [new FakeWorker(0, ENDS), new FakeWorker(1, ENDS)];
    const second = (endSecond: number, takes: readonly [number, number, number][]) => {
      for (const [worker, phase, records] of takes) {
        workers[worker]?.recorder.shardAccepted(phase, 7, records, records * 10);
      }
      for (const worker of workers) merger.add(worker.frame(endSecond * SECOND));
    };
    second(1, [
      [0, 0, 100],
      [1, 0, 50],
    ]);
    second(2, [[0, 0, 120]]);
    second(3, [
      [0, 0, 60],
      [1, 1, 40],
    ]);
    second(3.2, [[0, 1, 90]]);
    expect(merger.phases[0]?.shards.get(7)).toEqual({
      records: 330,
      bytes: 3300,
      throttled: 0,
      peakRecordsPerSecond: 150,
      peakBytesPerSecond: 1500,
    });
    expect(merger.phases[1]?.shards.get(7)).toMatchObject({
      records: 130,
      peakRecordsPerSecond: 100,
    });
  });

  it('numbers events by worker and bounds them', () => {
    const { merger, events } = watched(1);
    const worker = new FakeWorker(0, ENDS);
    for (let second = 1; second <= 60; second++) {
      for (let i = 0; i < 200; i++) worker.recorder.event({ atUs: i, kind: 'x', message: '' });
      merger.add(worker.frame(second * SECOND));
    }
    expect(merger.eventCount).toBe(12_000);
    expect(events).toHaveLength(EVENTS_MAX);
    expect(events[0]).toEqual({ atUs: 0, kind: 'x', message: '', worker: 0 });
  });

  it('ignores a frame of a worker it does not know', () => {
    const { merger } = watched(1);
    expect(merger.add(new FakeWorker(5, ENDS).frame(SECOND))).toBe(false);
  });
});

describe('GeneratorTotals', () => {
  it('adds CPU of threads, takes that of a process once, and only in measured phases', () => {
    const { merger } = watched(2);
    const threads = [new FakeWorker(0, ENDS), new FakeWorker(1, ENDS)];
    // The first frame covers 1 s of warm-up and 1 s of the measured phase.
    for (const worker of threads) worker.frame(SECOND);
    for (const worker of threads) merger.add(worker.frame(3 * SECOND, { cpuUs: 1000 }));
    expect(merger.generator.cpuUs).toBe(1000);

    const shared = watched(2).merger;
    const workers = [new FakeWorker(0, ENDS), new FakeWorker(1, ENDS)];
    for (const worker of workers) worker.frame(2 * SECOND);
    for (const worker of workers) {
      shared.add(worker.frame(3 * SECOND, { cpuUs: 1000, cpuScope: 'process' }));
    }
    expect(shared.generator.cpuUs).toBe(1000);
  });

  it('counts late seconds, but not those in which the target held generation back', () => {
    const { merger } = watched(1);
    const worker = new FakeWorker(0, ENDS);
    const second = (end: number, latenessUs: number, backPressureUs = 0) => {
      worker.recorder.latency(1, 'response').record(20_000);
      worker.recorder.latency(1, 'lateness').record(latenessUs);
      merger.add(worker.frame(end * SECOND, { backPressureUs }));
    };
    second(3, 100);
    second(4, 15_000);
    second(5, 15_000, 300_000);
    second(6, 15_000);
    second(7, 15_000);
    expect(merger.generator).toMatchObject({
      measuredSeconds: 5,
      lateSeconds: 2,
      backPressureSeconds: 1,
    });
  });
});
