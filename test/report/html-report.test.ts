import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chartData,
  groupRows,
  HEAT_SHARDS_MAX,
  POINTS_MAX,
} from '../../src/report/html/chart-series.ts';
import { escapeHtml, html, jsonBlock, scriptBlock } from '../../src/report/html/html.ts';
import { renderHtmlReport } from '../../src/report/html/render.ts';
import { eventTable, latencyTable } from '../../src/report/html/tables.ts';
import type { TimelineRow } from '../../src/results/timeline.ts';
import {
  HOT_SHARD_ENVIRONMENT,
  HOT_SHARD_SCENARIO,
  hotShardCurves,
  hotShardEvents,
  hotShardLatencyHeat,
  hotShardSummary,
  hotShardTimeline,
  latencyOf,
} from '../fixtures/hot-shard-run.ts';

const INPUT = {
  summary: hotShardSummary(),
  timeline: hotShardTimeline(),
  events: hotShardEvents(),
  scenarioYaml: HOT_SHARD_SCENARIO,
  environment: HOT_SHARD_ENVIRONMENT,
  curves: hotShardCurves(),
  latencyHeat: hotShardLatencyHeat(),
};
const SCRIPT = 'const page = "</script><!--";';
const EVIL = '</script><img src=x onerror=alert(1)>"\'&';

/** The rows of the fixture over and over, with as many shards as asked. */
function longRun(seconds: number, shardCount: number): TimelineRow[] {
  const rows = hotShardTimeline();
  const shards = Array.from({ length: shardCount }, (_, k) => ({
    id: `shardId-${String(k).padStart(12, '0')}`,
    records: 10,
    bytes: 1_000 * k,
    throttled: k === shardCount - 1 ? 1 : 0,
  }));
  return Array.from({ length: seconds }, (_, i) => {
    const row = rows[i % rows.length] as TimelineRow;
    return { ...row, atMs: i * 1000, shards };
  });
}

describe('page of a run', () => {
  const page = renderHtmlReport(INPUT, SCRIPT);

  it('allows only its own program, by hash, and no network', () => {
    const quoted = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    const policy = quoted.replaceAll('&#39;', "'");
    const program = page.slice(page.lastIndexOf('<script>') + 8, page.lastIndexOf('</script>'));
    const hash = createHash('sha256').update(program).digest('base64');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'sha256-${hash}'`);
    expect(page).not.toMatch(/(src|href|action)="(?!#|data:)/);
    expect(page).not.toMatch(/url\(|@import/);
  });

  it('has a table under each chart and words for each chart', () => {
    const figures = page.split('<figure').filter((figure) => figure.includes('data-chart='));
    expect(figures).toHaveLength(12);
    for (const figure of figures) {
      expect(figure).toContain('<summary>Data table</summary>');
      expect(figure).toMatch(/role="group" aria-label="[^"]{20,}"/);
      expect(figure).toMatch(/<tbody><tr/);
    }
  });

  it('tells each band of response times in a row, slowest first', () => {
    const figure = page.split('<figure').find((part) => part.includes('data-chart="spread"')) ?? '';
    const rows = figure.split('<tr').slice(-2);
    const cells = (row = '') => [...row.matchAll(/<t[dh][^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(cells(rows[0])).toEqual(['1.468', '2.154', '1', '25.00 %', '1', '1']);
    expect(cells(rows[1])).toEqual(['1', '1.468', '3', '75.00 %', '0', '0']);
  });

  it('lets no text of a user become markup', () => {
    const { summary } = INPUT;
    const evil = renderHtmlReport(
      {
        ...INPUT,
        summary: {
          ...summary,
          valid: false,
          invalidReasons: [EVIL],
          warnings: [EVIL],
          run: { ...summary.run, name: EVIL, target: EVIL, tags: { [EVIL]: EVIL } },
          thresholds: [{ expression: EVIL, actual: null, held: false, note: EVIL }],
          attempts: { ...summary.attempts, byErrorCode: { [EVIL]: 1 } },
          phases: summary.phases.map((phase) => ({ ...phase, name: EVIL })),
          shards: summary.shards.map((shard) => ({ ...shard, id: EVIL })),
        },
        events: [{ atMs: 0, kind: EVIL, message: EVIL }],
        scenarioYaml: EVIL,
        environment: { [EVIL]: EVIL },
        curves: [{ name: EVIL, points: [{ rank: 0, valueUs: 1 }] }],
      },
      SCRIPT,
    );
    expect(evil).not.toContain('<img');
    expect(evil.match(/<\/script>/g)).toHaveLength(2);
    expect(evil.match(/<!--/g)).toBeNull();
  });

  it('stays below 2 MB with two hours of a thousand shards', () => {
    const shards = Array.from({ length: 1_000 }, (_, k) => ({
      ...(INPUT.summary.shards[0] as (typeof INPUT.summary.shards)[number]),
      id: `shardId-${String(k).padStart(12, '0')}`,
      utilisation: k / 1_000,
    }));
    const big = renderHtmlReport(
      {
        ...INPUT,
        summary: { ...INPUT.summary, shards },
        timeline: longRun(7_200, 1_000),
        events: Array(10_000).fill({ atMs: 1, kind: 'error', message: 'm'.repeat(120) }),
        scenarioYaml: 'x: 1\n'.repeat(100_000),
      },
      'x'.repeat(300_000),
    );
    expect(Buffer.byteLength(big)).toBeLessThan(2_000_000);
  });

  it('shows an empty run without figures that are none', () => {
    const summary = { ...INPUT.summary, shards: [], thresholds: [], phases: [], cost: null };
    const empty = renderHtmlReport(
      { ...INPUT, summary, timeline: [], events: [], curves: [] },
      SCRIPT,
    );
    expect(empty).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(empty).toContain('no thresholds were set');
  });
});

describe('tables of a page', () => {
  it('tells repeated events once, with their count and last time', () => {
    const events = [
      { atMs: 2_700, kind: 'throttle', message: 'shard 2' },
      { atMs: 2_600, kind: 'throttle', message: 'shard 2' },
      { atMs: 100, kind: 'throttle', message: 'shard 1' },
    ];
    expect(eventTable(events).rows.map(({ cells }) => cells)).toEqual([
      ['0.1 s', 'throttle', 'shard 1', '1', ''],
      ['2.6 s', 'throttle', 'shard 2', '2', '2.7 s'],
    ]);
  });

  it('refuses percentiles that the sample does not support', () => {
    const { latency } = INPUT.summary;
    const response = latencyOf(50, 5_000, 9_000);
    const [row] = latencyTable({ ...INPUT.summary, latency: { ...latency, response } }).rows;
    expect(row?.cells.slice(2, 5)).toEqual([
      'n/a (needs 50)',
      'n/a (needs 150)',
      'n/a (needs 950)',
    ]);
  });
});

describe('markup', () => {
  it('escapes every text, keeps what is markup already', () => {
    expect(html`<p title="${EVIL}">${[html`<b>${1}</b>`, html`${'<'}`]}</p>`.markup).toBe(
      '<p title="&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"><b>1</b>&lt;</p>',
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('carries any data in a JSON block that no text can end', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const { markup } = jsonBlock({ value, text: `${text}</script><!--` });
        expect(markup).not.toContain('<');
        expect(JSON.parse(markup)).toEqual(
          JSON.parse(JSON.stringify({ value, text: `${text}</script><!--` })),
        );
      }),
    );
  });

  it('breaks up what would end a script', () => {
    expect(scriptBlock('"</script>" + "</SCRIPT " + "<!--"').markup).toBe(
      '"<\\/script>" + "<\\/SCRIPT " + "<\\!--"',
    );
  });
});

describe('series of a page', () => {
  it('keeps counts when intervals share a point, and the worst percentile', () => {
    const rows = longRun(1_500, 4);
    const data = chartData(INPUT.summary, rows, []);
    expect(data.pointSeconds).toBe(3);
    expect(data.atSeconds).toHaveLength(500);
    const offered = rows.reduce((sum, row) => sum + row.userRecords.offered, 0);
    const drawn = data.load.offered.reduce<number>((sum, rate) => sum + (rate ?? 0) * 3, 0);
    expect(drawn / offered).toBeCloseTo(1, 4);
    const worst = Math.max(...rows.slice(0, 3).map((row) => row.response.p99 ?? 0)) / 1000;
    expect(data.response.p99[0]).toBeCloseTo(worst, 1);
  });

  it('takes the phases of one interval together', () => {
    const [row] = hotShardTimeline() as [TimelineRow];
    const data = chartData(INPUT.summary, [row, { ...row, phase: 'ramp' }], []);
    expect(data.atSeconds).toEqual([0]);
    expect(data.load.offered[0]).toBeCloseTo(2 * row.userRecords.offered, -1);
    expect(data.generator.cpuCores[0]).toBeCloseTo(row.generator.cpu, 3);
    const bytes = row.shards[2]?.bytes ?? 0;
    expect(data.heat.shards[2]?.share[0]).toBeCloseTo((2 * bytes) / 1024 ** 2, 3);
  });

  it('shows the drain after the schedule as a phase', () => {
    const rows = hotShardTimeline();
    const late = { ...(rows[99] as TimelineRow), atMs: 101_000 };
    const names = (timeline: TimelineRow[]) =>
      chartData(INPUT.summary, timeline, []).phases.map(({ name }) => name);
    expect(names(rows)).toEqual(['warm-up', 'ramp', 'hold']);
    expect(names([...rows, late])).toEqual(['warm-up', 'ramp', 'hold', 'drain']);
  });

  it('joins a last moment to the interval before it', () => {
    const rows = hotShardTimeline();
    const moment = { ...(rows[99] as TimelineRow), atMs: 100_000, intervalMs: 12 };
    expect(groupRows([...rows, moment], POINTS_MAX)).toHaveLength(100);
  });

  it('draws the hottest shards only, in order of their number', () => {
    const shards = Array.from({ length: 60 }, (_, k) => ({
      ...(INPUT.summary.shards[0] as (typeof INPUT.summary.shards)[number]),
      id: `shardId-${String(k).padStart(12, '0')}`,
      utilisation: k / 100,
    }));
    const { heat } = chartData({ ...INPUT.summary, shards }, longRun(10, 60), []);
    expect(heat.shards).toHaveLength(HEAT_SHARDS_MAX);
    expect(heat.hidden).toBe(12);
    expect(heat.shards[0]?.name).toBe('shard 12');
    expect(heat.shards.at(-1)?.throttled[0]).toBe(1);
  });

  it('loses no row in groups', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: 1, max: 50 }),
        (count, max) => {
          const rows = longRun(count, 1);
          const groups = groupRows(rows, max);
          expect(groups.flat()).toEqual(rows);
          expect(groups.length).toBeLessThanOrEqual(max);
        },
      ),
      { numRuns: 25 },
    );
  });
});
