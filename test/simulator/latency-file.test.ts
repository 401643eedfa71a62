import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, HistogramLogWriter } from 'hdr-histogram-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceTime } from '../../src/simulator/core/latency.ts';
import { readLatency } from '../../src/simulator/latency-file.ts';

let folder: string;
/** Two seconds: values around 1 ms in the first, around 100 ms in the second; and another tag. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardstorm-latency-'));
  let text = '';
  const writer = new HistogramLogWriter((content) => {
    text += content;
  });
  writer.outputLegend();
  for (const [tag, valueUs, count] of [
    ['total.service', 1000, 900],
    ['total.service', 100_000, 100],
    ['lateness', 7, 5],
  ] as const) {
    const histogram = build({
      highestTrackableValue: 60_000_000,
      numberOfSignificantValueDigits: 3,
    });
    histogram.recordValueWithCount(valueUs, count);
    histogram.tag = tag;
    writer.outputIntervalHistogram(histogram);
  }
  writeFileSync(join(folder, 'latency.hlog'), text);
  writeFileSync(join(folder, 'nothing.hlog'), 'no log\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (file: string, tag: string | null) => readLatency({ kind: 'file', file, tag }, folder);

describe('service times of a measured histogram', () => {
  it('have its shares, from all lines of the tag', () => {
    const time = new ServiceTime(read('latency.hlog', null), 1);
    const drawn = Array.from({ length: 20_000 }, () => time.drawUs('PutRecords', 1e6));
    const slow = drawn.filter((us) => us > 50_000);
    expect(slow.length / drawn.length).toBeCloseTo(0.1, 2);
    for (const us of drawn) {
      const nearest = us > 50_000 ? 100_000 : 1000;
      expect(Math.abs(us - nearest) / nearest).toBeLessThan(0.002);
    }
  });

  it('can be of another tag, for one operation, with a part for the body', () => {
    const model = readLatency(
      {
        kind: 'fixed',
        us: 3,
        operations: {
          GetRecords: { kind: 'file', file: 'latency.hlog', tag: 'lateness', perBodyUs: 10 },
        },
      },
      folder,
    );
    const time = new ServiceTime(model, 1);
    expect(time.drawUs('PutRecords', 0)).toBe(3);
    expect(time.drawUs('GetRecords', 0)).toBeCloseTo(7, 1);
    expect(time.drawUs('GetRecords', 1024 * 1024)).toBeCloseTo(109.4, 1);
  });

  it('need a file that holds the tag', () => {
    expect(() => read('missing.hlog', null)).toThrow(/missing\.hlog: ENOENT/);
    expect(() => read('nothing.hlog', null)).toThrow(/has no values tagged total\.service/);
    expect(() => read('latency.hlog', 'x')).toThrow(
      expect.objectContaining({ hint: 'Name one of its tags: total.service, lateness.' }),
    );
  });
});
