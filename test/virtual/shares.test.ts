import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPhases } from '../../src/coordinate/planned-phases.ts';
import { unpackFrame } from '../../src/measure/codec.ts';
import type { FrameMerger } from '../../src/measure/merge.ts';
import { mergeFrames, type ShareFrames } from '../../src/results/merge-shares.ts';
import type { ShareFile } from '../../src/results/share-file.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { planOf, virtualRun } from './harness.ts';

/** A target whose answers do not depend on who else sends: then shares are exactly parts of the whole. */
const ALONE = ['target.simulator.latency={fixed: 5ms}', 'target.simulator.shards=64'];

/** One share's frames as they would stand in its result. */
async function runShare(
  plan: Plan,
  producers: number,
  index: number,
  count: number,
): Promise<ShareFrames> {
  const entries: ShareFrames['entries'][number][] = [];
  const share = { index, count };
  const phases = planPhases(plan, { producers, share });
  const run = virtualRun(plan, {
    producers,
    share,
    phases,
    onFrame: (packed) => {
      const frame = unpackFrame(packed);
      entries.push({ endUs: frame.endUs, frame: () => frame });
    },
  });
  await run.run();
  // Merging asks a share for its phases and workers only.
  return {
    share: { index, count, workers: 1, phases } as unknown as ShareFile,
    spanUs: 1e6,
    entries,
  };
}

function dataOf(merger: FrameMerger) {
  return merger.phases.map((phase) => ({
    counters: [...phase.counters],
    shards: [...phase.shards].sort(([a], [b]) => a - b).map(([, shard]) => shard),
    slots: Object.values(phase.latency).map((totals) => {
      // A sum of fractions depends on its order in the last bits only.
      const slots: number[] = [totals.count, Number(totals.sumUs.toPrecision(12))];
      totals.forEachSlot((slot, count) => slots.push(slot, count));
      return slots;
    }),
  }));
}

describe('the shares of a run in virtual time', () => {
  it('merge to the run with one member, slot by slot and second by second', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('constant', 'poisson'),
        async (producers, shares, arrival) => {
          const count = Math.min(shares, producers);
          const plan = planOf(...ALONE, `load.arrival=${arrival}`, `load.producers=${producers}`);
          const seconds: unknown[] = [];
          const whole = await virtualRun(plan, {
            producers,
            onInterval: ({ second, phases }) =>
              seconds.push([second, phases.map(({ counters }) => [...counters])]),
          }).run();
          const parts: ShareFrames[] = [];
          for (let k = 0; k < count; k++) parts.push(await runShare(plan, producers, k, count));
          const mergedSeconds: unknown[] = [];
          const merged = mergeFrames(parts, {
            onInterval: ({ second, phases }) =>
              mergedSeconds.push([second, phases.map(({ counters }) => [...counters])]),
          });
          expect(dataOf(merged)).toEqual(dataOf(whole.merger));
          expect(mergedSeconds).toEqual(seconds);
          const scheduled = parts.map(({ share }) =>
            share.phases.map((phase) => phase.scheduled ?? 0),
          );
          const sums = planPhases(plan).map((_, i) =>
            scheduled.reduce((sum, own) => sum + (own[i] ?? 0), 0),
          );
          expect(sums).toEqual(planPhases(plan).map((phase) => phase.scheduled));
        },
      ),
      { numRuns: 8 },
    );
  });
});
