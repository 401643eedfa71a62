import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/report/comparison/analyse.ts';
import { renderMarkdownComparison } from '../../../src/report/comparison/markdown.ts';
import { renderTerminalComparison } from '../../../src/report/comparison/terminal.ts';
import { madeUpRuns } from './made-up-runs.ts';

const RUNS = madeUpRuns({
  variants: [
    { name: 'maxBufferedTime=100ms' },
    { name: 'maxBufferedTime=50ms', latency: 0.6, cost: 1.2, cpu: 1.3 },
    { name: 'maxBufferedTime=500ms', latency: 2.5, cost: 0.99 },
    {
      name: 'a\u001b[31mlong name that does not fit in any column of a terminal at all',
      latency: 1.01,
    },
  ],
  blocks: 8,
  noise: 0.01,
}).map((run, i) =>
  i === 5
    ? { ...run, summary: { ...run.summary, valid: false, invalidReasons: ['It was late.'] } }
    : run,
);
const COMPARISON = analyse({
  title: 'batching',
  runs: RUNS.map((run, i) => ({
    ...run,
    environment: {
      ...run.environment,
      runtime: { ...run.environment.runtime, node: i < 9 ? '20.19.2' : '24.1.0' },
    },
  })),
  baseline: null,
  isForced: false,
  looks: 1,
  createdAt: '2026-11-23T15:00:00.000Z',
  seed: 1,
});

describe('comparison in markdown', () => {
  it('is the golden text', async () => {
    await expect(renderMarkdownComparison(COMPARISON)).toMatchFileSnapshot(
      'golden/comparison-markdown.txt',
    );
  });

  it('holds no markup of a name', () => {
    const title = '<img src=x>|a|';
    const text = renderMarkdownComparison({ ...COMPARISON, title });
    expect(text).toContain('&lt;img src=x>\\|a\\|');
  });
});

describe('comparison on a terminal', () => {
  it('is the golden text', async () => {
    const text = renderTerminalComparison(COMPARISON, {
      width: 80,
      color: false,
      files: ['results/x/comparison.html'],
    });
    await expect(`${text}\n`).toMatchFileSnapshot('golden/terminal-comparison.txt');
  });

  it('fits its width and lets no control code through', () => {
    const text = renderTerminalComparison(COMPARISON, { width: 80, color: false, files: [] });
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    expect(text).not.toContain('\u001b');
  });

  it('says the same with colours', () => {
    const options = { width: 80, files: [] };
    const painted = renderTerminalComparison(COMPARISON, { ...options, color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one.
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(
      renderTerminalComparison(COMPARISON, { ...options, color: false }),
    );
  });
});
