import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTER_INDEX, type Frame } from '../../src/measure/frame.ts';
import { thinFrames } from '../../src/measure/frame-thinner.ts';
import { FrameMerger } from '../../src/measure/merge.ts';
import { FakeWorker } from './builders.ts';

const PHASES = [
  { startUs: 0, endUs: 5_000_000, isMeasured: true },
  { startUs: 5_000_000, endUs: 60_000_000, isMeasured: true },
];

/** Everything that totals hold, as plain data. */
function totalsOf(frames: readonly Frame[], workers: number) {
  const merger = new FrameMerger({ workers, phases: PHASES });
  for (const frame of frames) merger.add(frame);
  merger.flush();
  return merger.phases.map((phase) => ({
    counters: [...phase.counters],
    errorCodes: [...phase.errorCodes].sort(),
    shards: [...phase.shards]
      .sort(([a], [b]) => a - b)
      .map(([number, { records, bytes, throttled }]) => [number, records, bytes, throttled]),
    histograms: [...Object.values(phase.latency), phase.requestLatency].map((totals) => {
      const slots: [number, number][] = [];
      totals.forEachSlot((slot, count) => slots.push([slot, count]));
      const { count, overflow, sumUs, minUs, maxUs } = totals;
      return { slots, count, overflow, sumUs, minUs, maxUs };
    }),
  }));
}

/** What one worker saw in each second. */
const seconds = fc.array(
  fc.record({
    times: fc.array(fc.integer({ min: 1, max: 4_000_000_000 }), { maxLength: 8 }),
    shard: fc.integer({ min: 0, max: 3 }),
    lateUs: fc.integer({ min: 0, max: 200_000 }),
  }),
  { minLength: 1, maxLength: 20 },
);

function framesOf(
  worker: number,
  story: readonly { times: readonly number[]; shard: number; lateUs: number }[],
) {
  const fake = new FakeWorker(worker, [5_000_000, 60_000_000]);
  return story.map(({ times, shard, lateUs }, second) => {
    for (const us of times) {
      const atUs = second * 1_000_000;
      const phase = fake.recorder.phaseOf(atUs);
      fake.recorder.add(phase, COUNTER_INDEX['userRecords.accepted'], 1);
      fake.recorder.latency(phase, 'response').record(us);
      fake.recorder.shardAccepted(phase, shard, 1, us % 1000);
    }
    const endUs = (second + 1) * 1_000_000 + lateUs;
    return fake.frame(endUs, { cpuUs: 10 }, second === story.length - 1);
  });
}

describe('thinned frames', () => {
  it('add up to the same totals, slot by slot', () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 32 }),
        (stories, span) => {
          const frames = stories.flatMap((story, worker) => framesOf(worker, story));
          frames.sort((a, b) => a.endUs - b.endUs);
          const thin = [...thinFrames(frames, span * 1_000_000)];
          expect(totalsOf(thin, stories.length)).toEqual(totalsOf(frames, stories.length));
          expect(thin.filter(({ isLast }) => isLast).length).toBe(stories.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('cover their stretch once: a minute of seconds is six frames of ten', () => {
    const frames = framesOf(
      0,
      Array.from({ length: 60 }, () => ({ times: [1000], shard: 0, lateUs: 0 })),
    );
    const thin = [...thinFrames(frames, 10_000_000)];
    expect(thin.map(({ startUs, endUs, sequence }) => [startUs, endUs, sequence])).toEqual(
      Array.from({ length: 6 }, (_, i) => [i * 1e7, (i + 1) * 1e7, i]),
    );
    expect(thin[0]?.self.cpuUs).toBe(100);
  });
});
