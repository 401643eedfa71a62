import { describe, expect, it } from 'vitest';
import { ReadPace } from '../../src/transport/read-pace.ts';

const MIB = 1024 * 1024;

describe('ReadPace', () => {
  it('stays within five calls and 2 MiB in any second, whatever the pages', () => {
    const pace = new ReadPace();
    let nowUs = 0;
    const calls: { atUs: number; bytes: number }[] = [];
    for (let i = 0; i < 200; i++) {
      nowUs = Math.max(nowUs + 1000, pace.nextUs);
      const bytes = [0, 5000, 400_000, 3 * MIB][i % 4] ?? 0;
      calls.push({ atUs: nowUs, bytes });
      pace.answered(nowUs, bytes === 0 ? 0 : 10, bytes, false);
    }
    const first = calls[0]?.atUs ?? 0;
    const seconds = (nowUs - first) / 1e6;
    expect(calls.length / seconds).toBeLessThanOrEqual(5);
    const sum = calls.reduce((total, { bytes }) => total + bytes, 0);
    expect(sum / seconds).toBeLessThanOrEqual(2 * MIB);
  });

  it('asks for about a megabyte, as records are large or small', () => {
    const pace = new ReadPace();
    pace.answered(0, 10, 10 * 50_000, false);
    expect(pace.limit).toBe(20);
    pace.answered(0, 10, 1000, false);
    expect(pace.limit).toBe(10_000);
    pace.answered(0, 1, 5 * MIB, false);
    expect(pace.limit).toBe(1);
    pace.answered(0, 0, 0, true);
    expect(pace.limit).toBe(1);
  });

  it('waits longer with each refusal, up to five seconds, and anew after an answer', () => {
    const pace = new ReadPace();
    const waits = [1, 2, 3, 4].map(() => {
      pace.refused(0);
      return pace.nextUs / 1e6;
    });
    expect(waits).toEqual([1, 2, 4, 5]);
    pace.answered(0, 0, 0, true);
    expect(pace.nextUs).toBe(250_000);
    expect(pace.refused(0)).toBe(1);
  });
});
