/** The page of a comparison in a real browser: Debian's package `chromium`. Without it these tests are skipped. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyse } from '../../src/report/comparison/analyse.ts';
import { renderComparisonPage } from '../../src/report/comparison/page.ts';
import { readPageScript } from '../../src/report/html/page-script.ts';
import { madeUpRuns } from '../report/comparison/made-up-runs.ts';

const BROWSER = '/usr/bin/chromium';
const isInstalled = existsSync(BROWSER);
const CHARTS = 13;
const EVIL = '</script><img src="http://127.0.0.1:1/x" onerror="document.title=\'run\'">';

if (!isInstalled) {
  process.stderr.write(
    `comparison page: skipped, ${BROWSER} is not installed (apt-get install chromium)\n`,
  );
}

describe.skipIf(!isInstalled)('comparison page in a browser', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shardstorm-comparison-'));
    browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param blocks below six there are no intervals, which the charts must survive */
  function write(name: string, blocks: number): string {
    const runs = madeUpRuns({
      variants: [
        { name: 'maxSize=25KiB,maxBufferedTime=50ms' },
        { name: 'maxSize=100KiB,maxBufferedTime=500ms', latency: 4, cost: 0.7 },
        { name, latency: 0.97, cpu: 1.2 },
      ],
      blocks,
      noise: 0.02,
    });
    const comparison = analyse({
      title: name,
      runs,
      baseline: null,
      isForced: false,
      looks: 1,
      createdAt: '2026-11-23T15:00:00.000Z',
      seed: 1,
    });
    const file = join(folder, `${blocks}-${name.length}.html`);
    writeFileSync(file, renderComparisonPage(comparison, runs, readPageScript()));
    return pathToFileURL(file).href;
  }

  async function open(address: string, width: number, colorScheme: 'light' | 'dark') {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) {
        troubles.push(request.url());
      }
    });
    await page.goto(address);
    return { page, troubles, close: () => context.close() };
  }

  it.each([
    ['light, wide', 1280, 'light', 8],
    ['dark, wide', 1280, 'dark', 8],
    ['light, narrow', 390, 'light', 8],
    ['dark, narrow', 390, 'dark', 8],
    ['estimates only', 1280, 'light', 2],
  ] as const)(
    'draws every chart without a message or a request: %s',
    async (_name, width, colorScheme, blocks) => {
      const { page, troubles, close } = await open(write('plain', blocks), width, colorScheme);
      const drawn = page.locator('[data-chart]:has(svg path, svg rect, svg line, svg circle)');
      expect(await drawn.count()).toBe(CHARTS);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it.each(['light', 'dark'] as const)(
    'has nothing that a screen reader stumbles over: %s',
    async (colorScheme) => {
      const { page, troubles, close } = await open(write('plain', 8), 1280, colorScheme);
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { target: string[] }[] }[];
      };
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`)).toEqual([]);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it('runs nothing that a name contains', async () => {
    const { page, troubles, close } = await open(write(EVIL, 6), 1280, 'light');
    expect(await page.title()).toBe(`${EVIL} · Shardstorm`);
    expect(troubles).toEqual([]);
    await close();
  });

  it('tells the figures of a variant under the pointer', async () => {
    const { page, close } = await open(write('plain', 8), 1280, 'light');
    await page.locator('[data-chart=pareto] circle').first().hover({ force: true });
    const tip = page.locator('[data-chart=pareto] [aria-label=tip]');
    await expect.poll(async () => (await tip.textContent()) ?? '').toContain('CPU-seconds');
    await close();
  });
});
