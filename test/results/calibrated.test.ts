import { describe, expect, it } from 'vitest';
import { besideCalibration } from '../../src/results/calibrated.ts';
import { summarySchema } from '../../src/results/schema.ts';
import { pretend } from './builders.ts';

const CALIBRATION = {
  at: '2026-01-02T03:04:05.678Z',
  workers: 4,
  ceilingPerSecond: 4000,
  floorP50Us: 300,
  floorP99Us: 900,
};

describe('besideCalibration', () => {
  it('takes the part of the ceiling that fewer threads have', () => {
    expect(besideCalibration(CALIBRATION, 1, 250)).toMatchObject({
      ceilingPerSecond: 1000,
      ceilingShare: 0.25,
    });
  });

  it('knows no ceiling of more threads than were calibrated, but the floor', () => {
    expect(besideCalibration(CALIBRATION, 5, 250)).toEqual({
      at: CALIBRATION.at,
      ceilingPerSecond: null,
      ceilingShare: null,
      floorP50Us: 300,
      floorP99Us: 900,
    });
  });
});

describe('a run on a calibrated machine', () => {
  /** 100 records a second are offered; of so many the target accepts so many. */
  const runOf = (accepted: number, ceilingPerSecond: number) =>
    pretend({
      phaseSeconds: [2, 10],
      second: () => ({ accepted }),
      input: { calibration: { ...CALIBRATION, workers: 1, ceilingPerSecond } },
    }).summary;

  it('says how near the ceiling it was', () => {
    const summary = runOf(100, 400);
    expect(summary.generator.calibration).toMatchObject({ ceilingShare: 0.25 });
    expect(summarySchema.parse(summary)).toEqual(summary);
    expect(summary.verdict).toBe('valid');
  });

  it('is suspect when less was accepted than offered, above half of the ceiling', () => {
    const summary = runOf(90, 150);
    expect(summary.verdict).toBe('suspect');
    expect(summary.warnings.join()).toContain(
      'Only 90.0 % of the records offered was accepted, at 66.7 % of what this machine can generate',
    );
  });

  it('is not suspect for that far below the ceiling, nor when everything was accepted', () => {
    expect(runOf(90, 1000).warnings.join()).not.toContain('can generate');
    expect(runOf(100, 110).verdict).toBe('valid');
  });

  it('says nothing of a machine that was not calibrated', () => {
    expect(pretend().summary.generator).not.toHaveProperty('calibration');
  });
});
