import fc from 'fast-check';
import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { toHistogram } from '../../src/measure/hdr-conversion.ts';
import { HdrLog } from '../../src/measure/hdr-log.ts';
import { HIGHEST_US } from '../../src/measure/hdr-slots.ts';
import { LatencyCounts } from '../../src/measure/latency-counts.ts';
import { emptyLatencyGroup, type LatencyGroup } from '../../src/measure/run-totals.ts';

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function groupOf(responses: readonly number[], requests: readonly number[]): LatencyGroup {
  const group = emptyLatencyGroup();
  for (const [totals, values] of [
    [group.latency.response, responses],
    [group.requestLatency, requests],
  ] as const) {
    const counts = new LatencyCounts();
    for (const value of values) counts.recordCount(value, 3);
    const delta = counts.takeDelta();
    if (delta !== null) totals.addDelta(delta);
  }
  return group;
}

function logOf(write: (log: HdrLog) => void): string {
  let text = '';
  const log = new HdrLog((line) => {
    text += line;
  });
  log.header(START_MS, ['[Logged by shardstorm]']);
  write(log);
  return text;
}

const slotsOf = (histogram: unknown) => {
  const slots = histogram as { countsArrayLength: number; getCountAtIndex(i: number): number };
  return Array.from({ length: slots.countsArrayLength }, (_, i) => slots.getCountAtIndex(i));
};

describe('HdrLog', () => {
  it('opens with the format version 1.3, the start time and the legend', () => {
    expect(logOf(() => undefined).split('\n')).toEqual([
      '#[Logged by shardstorm]',
      '#[Histogram log format version 1.3]',
      '#[StartTime: 1767323045.678 (seconds since epoch), 2026-01-02T03:04:05.678Z]',
      '#[BaseTime: 1767323045.678 (seconds since epoch)]',
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
      '',
    ]);
  });

  it('reads back equal slot by slot, with its tags and times', () => {
    const values = fc.array(fc.integer({ min: 0, max: HIGHEST_US }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(values, values, (responses, requests) => {
        const group = groupOf(responses, requests);
        const text = logOf((log) => log.group(group, 2_000_000, 3_250_000));
        expect(listTags(text)).toEqual(['response', 'request']);
        const reader = new HistogramLogReader(text, 64);
        for (const totals of [group.latency.response, group.requestLatency]) {
          const back = reader.nextIntervalHistogram();
          expect(slotsOf(back)).toEqual(slotsOf(toHistogram(totals)));
          expect(back?.startTimeStampMsec).toBeCloseTo(START_MS + 2000, 1);
          expect(back?.endTimeStampMsec).toBeCloseTo(START_MS + 3250, 1);
        }
        expect(reader.nextIntervalHistogram()).toBeNull();
      }),
      { numRuns: 25 },
    );
  });

  it('prefixes tags and prints the maximum in milliseconds', () => {
    const text = logOf((log) => log.group(groupOf([1500], []), 0, 1_000_000, 'total.'));
    expect(text).toMatch(/\nTag=total\.response,0\.000,1\.000,1\.500,HISTFAAA/);
  });
});
