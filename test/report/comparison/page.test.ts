import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/report/comparison/analyse.ts';
import { comparisonData } from '../../../src/report/comparison/chart-series.ts';
import { renderComparisonPage } from '../../../src/report/comparison/page.ts';
import { type MadeUpVariant, madeUpRuns } from './made-up-runs.ts';

const EVIL = '</script><img src=x onerror="alert(1)">';

function page(variants: readonly MadeUpVariant[], blocks: number, script = 'start()') {
  const runs = madeUpRuns({ variants, blocks, noise: 0.01 });
  const comparison = analyse({
    title: variants[0]?.name ?? '',
    runs,
    baseline: null,
    isForced: false,
    looks: 1,
    createdAt: '2026-11-23T15:00:00.000Z',
    seed: 1,
  });
  return { comparison, runs, html: renderComparisonPage(comparison, runs, script) };
}

describe('page of a comparison', () => {
  const { comparison, runs, html } = page([{ name: 'base' }, { name: 'fast', latency: 0.7 }], 8);

  it('answers first: verdicts and the setting to take stand before everything else', () => {
    const places = [
      'class="strip"',
      'Recommended: fast',
      'data-chart="forest"',
      'data-chart="pareto"',
    ];
    const found = places.map((text) => html.indexOf(text));
    expect(found.every((place) => place > 0)).toBe(true);
    expect([...found].sort((a, b) => a - b)).toEqual(found);
  });

  it('has a table under each chart', () => {
    const charts = html.match(/data-chart="/g)?.length ?? 0;
    expect(charts).toBe(13);
    expect(html.match(/<summary>Data table<\/summary>/g)?.length).toBe(charts);
  });

  it('carries its data for download', () => {
    const base64 = /download="comparison\.json" href="data:application\/json;base64,([^"]+)"/.exec(
      html,
    );
    expect(JSON.parse(Buffer.from(base64?.[1] ?? '', 'base64').toString())).toEqual(comparison);
  });

  it('loads nothing', () => {
    expect(html.includes('default-src &#39;none&#39;')).toBe(true);
    expect(/(src|href)="(?!#|data:)/.exec(html)?.[0]).toBeUndefined();
  });

  it('escapes every name', () => {
    const evil = page([{ name: EVIL }, { name: `b${EVIL}`, producer: { [EVIL]: EVIL } }], 6);
    expect(evil.html.includes('<img')).toBe(false);
    expect(evil.html.match(/<\/script>/g)?.length).toBe(2);
  });

  it('draws means over runs, and each run', () => {
    const data = comparisonData(comparison, runs);
    expect(data.variants).toEqual(['base', 'fast']);
    expect(data.load[0]?.runs).toHaveLength(8);
    expect(data.load[0]?.offered[0]).toBe(data.load[1]?.offered[0]);
    // What was sent is every attempt, with what was refused of it.
    const load = data.load[0] as (typeof data.load)[number];
    const { throttled, refused } = load;
    const attempts = runs[0]?.timeline[0]?.attempts.records ?? 0;
    const most = load.attempts.map(
      (value, i) => (value ?? 0) - (throttled[i] ?? 0) - (refused[i] ?? 0),
    );
    expect(load.attempts[0]).toBeGreaterThan(attempts * 0.8);
    expect(load.sent[0]).toBeGreaterThan(0);
    expect(Math.min(...most)).toBeGreaterThanOrEqual(0);
    for (const head of ['sent/s', 'attempts/s']) expect(html).toContain(`>${head}</th>`);
    expect(data.forest.map(({ metric }) => metric)).toEqual([
      'accepted a second',
      'response p99',
      'cost of a million records',
    ]);
    expect(data.forest[1]?.margin[1]).toBeCloseTo(1.05, 12);
    expect(data.forest[1]?.margin[0]).toBeCloseTo(1 / 1.05, 12);
  });

  it('stays below 2 MB with many variants and blocks, the page’s program included', () => {
    const variants = Array.from({ length: 24 }, (_, i) => ({
      name: `variant-${i}`,
      latency: 1 + i / 9,
    }));
    const { html: large } = page(variants, 12, 'x'.repeat(320_000));
    expect(large.length).toBeLessThan(2_000_000);
  });
});
