import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTER_INDEX, type Frame } from '../../src/measure/frame.ts';
import { thinFrames } from '../../src/measure/frame-thinner.ts';
import type { Interval } from '../../src/measure/interval.ts';
import {
  mergedPhases,
  mergeFrames,
  type ShareFrames,
  unevenFrames,
} from '../../src/results/merge-shares.ts';
import { type TimelineRow, timelineRows } from '../../src/results/timeline.ts';
import { FakeWorker } from '../measure/builders.ts';
import { share } from './builders.ts';

const OFFERED = COUNTER_INDEX['userRecords.offered'];
const PHASE = {
  name: 'hold',
  isMeasured: true,
  startUs: 0,
  endUs: 64e6,
  scheduled: 64_000,
  isConstantRate: true,
};

/** A share of 1,000 records/s for 64 s and a drain, kept in stretches of `spanSeconds`; of those the last `fine` are not. */
function shareOf(index: number, spanSeconds: number, drainUs: number, fine = 0): ShareFrames {
  const worker = new FakeWorker(0, [PHASE.endUs]);
  const frames: Frame[] = [];
  for (let second = 1; second <= 64; second++) {
    worker.recorder.add(0, OFFERED, 1000);
    worker.recorder.latency(0, 'response').record(1000 * second);
    frames.push(worker.frame(second * 1e6));
  }
  frames.push(worker.frame(64e6 + drainUs, {}, true));
  const spanUs = spanSeconds * 1e6;
  const kept = frames.length - fine;
  const coarse = spanSeconds === 1 ? frames : [...thinFrames(frames.slice(0, kept), spanUs)];
  const thinned = spanSeconds === 1 ? coarse : [...coarse, ...frames.slice(kept)];
  const entries = thinned.map((frame) => ({ endUs: frame.endUs, frame: () => frame }));
  return { share: share(index, { workers: 1, phases: [PHASE] }), spanUs, entries };
}

function merged(parts: readonly ShareFrames[]) {
  const rows: TimelineRow[] = [];
  const onInterval = (interval: Interval) => rows.push(...timelineRows(interval, [PHASE]));
  return { merger: mergeFrames(parts, { onInterval }), rows };
}

const SPANS = fc.constantFrom(1, 2, 16, 64);

describe('shares that were thinned differently', () => {
  it('have one timeline, in which a constant rate is constant', () => {
    const { rows } = merged([shareOf(0, 1, 50_000), shareOf(1, 16, 800_000)]);
    expect(rows.map(({ atMs }) => atMs)).toEqual([0, 16_000, 32_000, 48_000]);
    // The drain is part of the last.
    expect(rows.map(({ userRecords }) => Math.round(userRecords.offeredPerSecond))).toEqual([
      2000, 2000, 2000, 1997,
    ]);
  });

  it('lose no count, whatever their stretches are, and time never goes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(SPANS, fc.integer({ min: 1, max: 90e6 }), fc.nat(20)), {
          minLength: 1,
          maxLength: 4,
        }),
        (shapes) => {
          const parts = shapes.map(([span, drainUs, fine], i) => shareOf(i, span, drainUs, fine));
          const { merger, rows } = merged(parts);
          expect(merger.phases[0]?.counters[OFFERED]).toBe(64_000 * parts.length);
          expect(merger.phases[0]?.latency.response.count).toBe(64 * parts.length);
          expect(merger.missingFrames).toBe(0);
          const offered = rows.reduce((sum, { userRecords }) => sum + userRecords.offered, 0);
          expect(offered).toBe(64_000 * parts.length);
          for (const [i, row] of rows.entries()) {
            expect(row.atMs).toBeGreaterThanOrEqual((rows[i - 1]?.atMs ?? -1) + 1);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('shares as one run', () => {
  it('have the CPU time of all their processes, each counted once however many threads told of it', () => {
    const ofProcess = (index: number, cpuUs: number): ShareFrames => {
      const entries = [0, 1].flatMap((number) => {
        const worker = new FakeWorker(number, [PHASE.endUs]);
        const frame = worker.frame(1e6, { cpuUs, cpuScope: 'process' }, true);
        return [{ endUs: frame.endUs, frame: () => frame }];
      });
      return { share: share(index, { workers: 2, phases: [PHASE] }), spanUs: 1e6, entries };
    };
    const cpu: number[] = [];
    const merger = mergeFrames([ofProcess(0, 1000), ofProcess(1, 500), ofProcess(2, 20)], {
      onInterval: ({ self }) => cpu.push(self.cpuUs),
    });
    expect(merger.generator.cpuUs).toBe(1520);
    expect(cpu).toEqual([1520]);
  });

  it('were to offer what they were to offer together, where that is known', () => {
    const shares = [1, 2].map((scheduled) => share(0, { phases: [{ ...PHASE, scheduled }] }));
    expect(mergedPhases(shares)).toEqual([{ ...PHASE, scheduled: 3 }]);
    const closed = [...shares, share(0, { phases: [{ ...PHASE, scheduled: null }] })];
    expect(mergedPhases(closed)[0]?.scheduled).toBeNull();
  });

  it('that do not hold what they counted are named, others are not', () => {
    const of = (index: number, offered: number) => {
      const part = shareOf(index, 1, 1);
      return { ...part, share: { ...part.share, offered, accepted: 0 } };
    };
    const even = [of(0, 64_000), of(1, 64_000)];
    expect(unevenFrames(even, merged(even).merger)).toEqual([]);
    const odd = [of(0, 64_000), of(1, 63_999)];
    expect(unevenFrames(odd, merged(odd).merger)).toEqual([
      'The frames of share 1 (run-1) hold 64,000 offered and 0 accepted records, and it counted 63,999 and 0.',
    ]);
  });
});
