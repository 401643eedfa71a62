import { describe, expect, it } from 'vitest';
import { calibrationTable } from '../../src/cli/calibrate-table.ts';
import type { Calibration } from '../../src/cli/calibration.ts';
import { CALIBRATION } from '../fixtures/calibration.ts';

const tableOf = (change: Partial<Calibration> = {}) =>
  calibrationTable({ ...CALIBRATION, ...change });

describe('calibrationTable', () => {
  it('ends with what a run on this machine should keep to', () => {
    expect(tableOf().split('\n').at(-1)).toBe(
      "Measure below 600,000 records/s on this machine; differences below 320us are the instrument's.",
    );
  });

  it('has a row for each figure', () => {
    const table = tableOf();
    expect(table).toContain('resolution            40ns');
    expect(table).toContain('records a CPU-second  1,900,000');
    expect(table).toContain('between equal runs    ±2.50 %');
    expect(table).toMatch(/50\.0 %\s+600,000\/s {2}p50 53us\s+p99 460us\s+0\.40 {2}on time/);
    expect(table).toMatch(/5\.00ms\s+p50 5\.30ms {2}p99 6\.00ms {2}found/);
  });

  it('says when half of the ceiling was late already, and when a latency was not found', () => {
    const [half] = CALIBRATION.pacing;
    const [known] = CALIBRATION.known;
    if (half === undefined || known === undefined) throw new Error('no rows');
    const table = tableOf({
      pacing: [{ ...half, onTime: false }],
      known: [{ ...known, serviceP50Us: 90_000, recovered: false }],
    });
    expect(table).toContain('LATE');
    expect(table).toContain('expect lateness there already');
    expect(table).toContain('NOT FOUND');
  });

  it('says when other programs were in the way', () => {
    const ceiling = { ...CALIBRATION.ceiling, cpuWaitShare: 0.3 };
    expect(tableOf({ ceiling })).toContain('Other programs had the cores 30.0 % of the time');
  });
});
