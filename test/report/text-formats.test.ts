import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, renderSummaryCsv, renderTimelineCsv } from '../../src/report/text/csv.ts';
import { escapeMarkdown, renderMarkdown } from '../../src/report/text/markdown.ts';
import { renderPrometheus } from '../../src/report/text/prometheus.ts';
import { hotShardSummary, hotShardTimeline } from '../fixtures/hot-shard-run.ts';

describe('markdown', () => {
  it('tells no CPU of a run in virtual time', () => {
    const summary = hotShardSummary();
    const run = { ...summary.run, transport: 'virtual' };
    expect(renderMarkdown(summary)).toContain('records a CPU-second');
    expect(renderMarkdown({ ...summary, run })).not.toContain('records a CPU-second');
  });

  it('tells a run as the golden file has it', async () => {
    await expect(renderMarkdown(hotShardSummary())).toMatchFileSnapshot(
      'golden/summary-markdown.txt',
    );
  });

  it('lets no name break out of a table or into HTML', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/<|\n|\r/);
        expect(escaped.replace(/\\./g, '')).not.toMatch(/[|`*_[\]]/);
      }),
    );
  });
});

describe('csv', () => {
  it('gives one line a run with a column for each figure', () => {
    const { cost: _cost, ...rest } = hotShardSummary();
    const [heads, first, second, end] = renderSummaryCsv([
      hotShardSummary(),
      { ...rest, cost: null, run: { ...rest.run, name: 'a, "b"' } },
    ]).split('\r\n');
    const columns = heads?.split(',') ?? [];
    expect(columns).toEqual(
      expect.arrayContaining(['latency.response.p99', 'rates.throttle', 'cost.perHourUsd']),
    );
    expect(columns.filter((name) => /unit|byErrorCode|confidence/.test(name))).toEqual([]);
    expect(first?.split(',')[columns.indexOf('latency.response.p99')]).toBe('2900000');
    expect(second).toContain('"a, ""b"""');
    expect(end).toBe('');
  });

  it('gives one line an interval', () => {
    const lines = renderTimelineCsv(hotShardTimeline()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(101);
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
    expect(lines[0]).toContain('response.p99_9');
  });

  it('leaves a spreadsheet no formula to run', () => {
    expect(['=1+1', '+1', '-1', '@x'].map(csvCell)).toEqual(["'=1+1", "'+1", "'-1", "'@x"]);
    expect([csvCell(-1), csvCell(null), csvCell(true)]).toEqual(['-1', '', 'true']);
  });
});

describe('prometheus text', () => {
  it('tells a run as the golden file has it', async () => {
    await expect(renderPrometheus(hotShardSummary())).toMatchFileSnapshot('golden/summary.prom');
  });

  it('is well formed whatever the names are', () => {
    const base = hotShardSummary();
    const line =
      /^(# (HELP|TYPE) shardstorm_\w+ .+|shardstorm_\w+\{(\w+="([^"\\\n]|\\["\\n])*",?)+\} -?[\d.e+-]+)$/;
    fc.assert(
      fc.property(fc.string(), (scenario) => {
        const text = renderPrometheus({ ...base, run: { ...base.run, scenario } });
        expect(
          text
            .trimEnd()
            .split('\n')
            .filter((each) => !line.test(each)),
        ).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
