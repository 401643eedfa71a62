import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holm } from '../../src/statistics/holm.ts';

it('corrects the example of four hypotheses', () => {
  // The example of the encyclopedia's article "Holm–Bonferroni method": H4 and H1 are rejected, then it stops.
  const steps = holm([0.01, 0.04, 0.03, 0.005], 0.05);
  expect(steps.map(({ isRejected }) => isRejected)).toEqual([true, false, false, true]);
  for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries()) {
    expect(steps[i]?.adjustedP).toBeCloseTo(expected, 12);
  }
  for (const [i, expected] of [0.05 / 3, 0.025, 0.025, 0.0125].entries()) {
    expect(steps[i]?.alpha).toBeCloseTo(expected, 12);
  }
});

it('rejects exactly those whose adjusted p is within alpha, and judges them at a level that agrees', () => {
  const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(pValues, (ps) => {
      holm(ps, 0.05).forEach((step, i) => {
        expect(step.isRejected).toBe((ps[i] ?? 1) <= step.alpha);
        if (Math.abs(step.adjustedP - 0.05) > 1e-12) {
          expect(step.isRejected).toBe(step.adjustedP <= 0.05);
        }
      });
    }),
  );
});
