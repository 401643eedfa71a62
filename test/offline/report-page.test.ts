/** The page of a run in a real browser: Debian's package `chromium`. Without it these tests are skipped, and say so. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPageScript } from '../../src/report/html/page-script.ts';
import { renderHtmlReport } from '../../src/report/html/render.ts';
import {
  HOT_SHARD_ENVIRONMENT,
  HOT_SHARD_SCENARIO,
  hotShardCurves,
  hotShardEvents,
  hotShardLatencyHeat,
  hotShardSummary,
  hotShardTimeline,
} from '../fixtures/hot-shard-run.ts';

const BROWSER = '/usr/bin/chromium';
const isInstalled = existsSync(BROWSER);
const CHARTS = 12;
const EVIL = '</script><img src="http://127.0.0.1:1/x" onerror="document.title=\'run\'">';

if (!isInstalled) {
  process.stderr.write(
    `report page: skipped, ${BROWSER} is not installed (apt-get install chromium)\n`,
  );
}

describe.skipIf(!isInstalled)('report page in a browser', () => {
  let browser: Browser;
  let folder: string;
  let url: string;
  let evilUrl: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shardstorm-page-'));
    url = write('report.html', 'clickstream');
    evilUrl = write('evil.html', EVIL);
    browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(file: string, name: string): string {
    const summary = hotShardSummary();
    const page = renderHtmlReport(
      {
        summary: { ...summary, run: { ...summary.run, name } },
        timeline: hotShardTimeline(),
        events: [...hotShardEvents(), { atMs: 1, kind: name, message: name }],
        scenarioYaml: HOT_SHARD_SCENARIO + name,
        environment: { ...HOT_SHARD_ENVIRONMENT, name },
        curves: hotShardCurves(),
        latencyHeat: hotShardLatencyHeat(),
      },
      readPageScript(),
    );
    writeFileSync(join(folder, file), page);
    return pathToFileURL(join(folder, file)).href;
  }

  /** Opens a page and gathers what must not happen: messages, errors, requests. */
  async function open(address: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => troubles.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:'))
        troubles.push(request.url());
    });
    await page.goto(address);
    return { page, troubles, close: () => context.close() };
  }

  const drawn = (page: Page) => page.locator('[data-chart]:has(svg path, svg rect, svg line)');
  const number = async (page: Page, expression: string) => Number(await page.evaluate(expression));

  it.each([
    ['light, wide', 1280, 'light'],
    ['dark, wide', 1280, 'dark'],
    ['light, narrow', 390, 'light'],
    ['dark, narrow', 390, 'dark'],
  ] as const)(
    'draws every chart without a message or a request: %s',
    async (_name, width, colorScheme) => {
      const { page, troubles, close } = await open(url, {
        viewport: { width, height: 900 },
        colorScheme,
      });
      expect(await drawn(page).count()).toBe(CHARTS);
      expect(await number(page, 'document.documentElement.scrollWidth')).toBe(width);
      expect(await contrast(page)).toBeGreaterThan(7);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it('draws again at the new width', async () => {
    const { page, troubles, close } = await open(url);
    const chart = page.locator('[data-chart=load] > div > svg');
    expect(Number(await chart.getAttribute('width'))).toBeGreaterThan(1000);
    await page.setViewportSize({ width: 600, height: 900 });
    await expect.poll(async () => Number(await chart.getAttribute('width'))).toBeLessThan(600);
    expect(troubles).toEqual([]);
    await close();
  });

  it('reads out the figures under the pointer', async () => {
    const { page, close } = await open(url);
    const chart = page.locator('[data-chart=load] > div > svg');
    await chart.hover();
    await expect
      .poll(() => chart.locator('[aria-label=tip]').textContent())
      .toMatch(/offered: [\d,]+/);
    await close();
  });

  it('can be used by keyboard alone', async () => {
    const { page, close } = await open(url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the figures');
    const table = page.locator('details').first();
    await table.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await table.getAttribute('open')).toBe('');
    expect(await table.locator('tbody tr').count()).toBeGreaterThan(10);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that a screen reader stumbles over: %s',
    async (colorScheme) => {
      const { page, troubles, close } = await open(url, { colorScheme });
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { target: string[] }[] }[];
      };
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`)).toEqual([]);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it('holds every figure without scripts', async () => {
    const { page, close } = await open(url, { javaScriptEnabled: false });
    expect(await drawn(page).count()).toBe(0);
    expect(await page.locator('figure:has([data-chart]) table').count()).toBe(CHARTS);
    expect(await page.getByText('Drawing it needs JavaScript').count()).toBe(CHARTS);
    await close();
  });

  it('runs nothing that a name holds', async () => {
    const { page, troubles, close } = await open(evilUrl);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toContain('<img');
    expect(await drawn(page).count()).toBe(CHARTS);
    expect(troubles).toEqual([]);
    await close();
  });

  it('is forbidden to use the network even if a script wanted to', async () => {
    const { page, close } = await open(url);
    const answer = "fetch('http://127.0.0.1:1/').then(() => 'sent', (e) => 'refused ' + e.message)";
    const blocked =
      "new Promise((done) => document.addEventListener('securitypolicyviolation', (e) => done(e.blockedURI)))";
    const uri = page.evaluate(blocked);
    expect(await page.evaluate(answer)).toMatch(/^refused/);
    expect(await uri).toContain('127.0.0.1:1');
    await close();
  });

  it('hands out the summary as it was given', async () => {
    const { page, close } = await open(url);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByText('Download summary.json').click(),
    ]);
    const file = join(folder, 'summary.json');
    await download.saveAs(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(hotShardSummary());
    await close();
  });

  it('prints dark ink on white whatever the theme', async () => {
    const { page, close } = await open(url, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
    await close();
  });
});

/** Contrast ratio of text on its ground (WCAG 2). */
async function contrast(page: Page): Promise<number> {
  const colors = await page.evaluate(
    '(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))',
  );
  const [a = 0, b = 0] = (colors as string[]).map((color) => {
    const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
