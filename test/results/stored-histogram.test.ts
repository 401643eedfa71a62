import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HdrLog } from '../../src/measure/hdr-log.ts';
import { slotOf } from '../../src/measure/hdr-slots.ts';
import { emptyLatencyGroup } from '../../src/measure/run-totals.ts';
import {
  readHistogram,
  readHistogramLog,
  readLatencyHeat,
} from '../../src/results/stored-histogram.ts';

describe('latency.hlog of a stored run', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hlog-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Two seconds, the first unmeasured, and the total of the second. */
  function logText(): string {
    let text = '';
    const log = new HdrLog((line) => {
      text += line;
    });
    log.header(0, ['made up']);
    const group = emptyLatencyGroup();
    const slots = Uint32Array.of(slotOf(1500), 10);
    const moments = { overflow: 0, sumUs: 15_000, minUs: 1500, maxUs: 1500 };
    group.latency.response.addDelta({ slots, ...moments });
    log.group(group, 0, 1_000_000, 'unmeasured.');
    log.group(group, 1_000_000, 2_000_000, '');
    log.group(group, 1_000_000, 2_000_000, 'total.');
    return text;
  }

  const write = (text: string) => writeFileSync(join(folder, 'latency.hlog'), text);

  it('gives the values of the measured part, and their spread over the whole run', () => {
    write(logText());
    const histogram = readHistogram(folder, 'response');
    expect([...(histogram?.values ?? [])]).toEqual([1500]);
    expect([...(histogram?.counts ?? [])]).toEqual([10]);
    expect(readLatencyHeat(folder)).toMatchObject({ columns: 2, bands: [{ counts: [10, 10] }] });
    expect(readHistogramLog(folder)).toBe(logText());
  });

  it.each([
    ['within a line', (text: string) => text.slice(0, -20)],
    ['before the totals', (text: string) => text.slice(0, text.indexOf('Tag=total.'))],
    ['at its beginning', () => ''],
  ])('is refused where it was cut off %s', (_where, cut) => {
    write(cut(logText()));
    expect(() => readHistogram(folder, 'response')).toThrow('it is cut off');
    expect(() => readHistogramLog(folder)).toThrow('it is cut off');
  });

  it('is refused where it is missing', () => {
    expect(() => readHistogramLog(folder)).toThrow('no such file');
  });
});
