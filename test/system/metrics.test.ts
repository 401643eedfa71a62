import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OutFolder, QUICKSTART, run, SHORT, start } from './program.ts';

/** Samples by name and labels. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.trimEnd().split('\n');
  return new Map(
    lines
      .filter((line) => !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

describe('run --prometheus', () => {
  it('can be scraped while it goes on: counters only grow, up to what the summary says', async () => {
    const out = new OutFolder();
    try {
      const { child, ended, said } = start(
        ['run', QUICKSTART, ...SHORT, '--prometheus', ':0', '--out', out.path],
        { CI: '1' },
      );
      let heard = '';
      child.stderr?.on('data', (chunk) => {
        heard += chunk;
      });
      await said('/metrics');
      const url = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(heard)?.[0] ?? '';
      const scrapes: Map<string, number>[] = [];
      // Until the run takes its endpoint away.
      for (;;) {
        const text = await fetch(url).then(
          (response) => response.text(),
          () => null,
        );
        if (text === null) break;
        scrapes.push(samplesOf(text));
        await setTimeout(100);
      }
      expect((await ended).code).toBe(0);
      const counters = /_(total|bucket|count|sum)\{/;
      scrapes.forEach((scrape, i) => {
        const before = [...(scrapes[i - 1] ?? [])].filter(([name]) => counters.test(name));
        expect(before.filter(([name, value]) => (scrape.get(name) ?? -1) < value)).toEqual([]);
      });
      const accepted = [...(scrapes.at(-1) ?? [])].filter(([name]) =>
        /^shardstorm_user_records_total.*measured="true".*outcome="accepted"/.test(name),
      );
      const last = accepted.reduce((sum, [, value]) => sum + value, 0);
      expect(last).toBeGreaterThan(0);
      expect(last).toBeLessThanOrEqual(out.summary.userRecords.accepted);
    } finally {
      out.remove();
    }
  });

  it('says so before anything is sent when the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const out = new OutFolder();
    try {
      const ended = await run(['run', QUICKSTART, '--prometheus', `:${port}`, '--out', out.path]);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(`127.0.0.1:${port}`);
      expect(out.entries).toEqual([]);
    } finally {
      taken.close();
      out.remove();
    }
  });
});
