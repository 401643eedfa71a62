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
        expect(escaped.replace(/\\./g, '')).not.toMatch(/[|`*_[\]~]/);
      }),
    );
  });

  it('lets no name begin a heading, a quote, a list, a rule or a block of code', () => {
    const names = [
      '# a',
      '> a',
      '- a',
      '+ a',
      '1. a',
      '12) a',
      '---',
      '===',
      '    a',
      '~~~',
      '```',
    ];
    expect(names.map(escapeMarkdown)).toEqual([
      ...['\\# a', '\\> a', '\\- a', '\\+ a', '1\\. a', '12\\) a', '\\---', '\\==='],
      ...['a', '\\~\\~\\~', '\\`\\`\\`'],
    ]);
  });

  it('keeps a table whole whatever its names hold', () => {
    const base = hotShardSummary();
    const [first, ...others] = base.shards;
    const shards = [{ ...first, id: 'shardId-a|b\n| <img src=x> | `c' }, ...others] as never;
    const rows = renderMarkdown({ ...base, shards }).split('\n');
    const row = rows.find((line) => line.includes('img')) ?? '';
    expect(row.replace(/\\./g, '').split('|')).toHaveLength(6);
    expect(row).toContain('&lt;img');
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

  it('gives each tag a column, and lets neither a name nor a tag be a formula', () => {
    const base = hotShardSummary();
    const name = '=HYPERLINK("http://x","y")';
    const run = { ...base.run, name, tags: { '=key': '-2+3', team: '@ads' } };
    const [heads = '', line = ''] = renderSummaryCsv([{ ...base, run }]).split('\r\n');
    expect(heads).toContain(',tags.=key,tags.team,');
    expect(line).toContain(`,"'=HYPERLINK(""http://x"",""y"")",`);
    expect(line).toContain(",'-2+3,'@ads,");
  });

  it('gives one line an interval', () => {
    const lines = renderTimelineCsv(hotShardTimeline()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(101);
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
    expect(lines[0]).toContain('response.p99_9');
  });

  it('leaves a spreadsheet no formula to run', () => {
    expect(['=1+1', '+1', '-1', '@x'].map(csvCell)).toEqual(["'=1+1", "'+1", "'-1", "'@x"]);
    expect(['\t=1', '＝1', '＠x'].map(csvCell)).toEqual(["'\t=1", "'＝1", "'＠x"]);
    expect(['\n=1', '\r=1', '=1,2'].map(csvCell)).toEqual(['"\'\n=1"', '"\'\r=1"', '"\'=1,2"']);
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
