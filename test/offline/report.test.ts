import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutFolder, QUICKSTART, run, SHORT } from '../system/program.ts';

const out = new OutFolder();
beforeAll(async () => {
  await run(['run', QUICKSTART, ...SHORT, '--out', out.path, '--quiet']);
});
afterAll(() => out.remove());

describe('report', () => {
  it('writes the page of a stored result again, the same but for nothing', async () => {
    const before = out.read('report.html');
    const ended = await run(['report', out.result]);
    expect(ended.code, ended.stderr).toBe(0);
    const again = out.read('report.html');
    expect(again.length).toBeGreaterThan(100_000);
    expect(Math.abs(again.length - before.length)).toBeLessThan(before.length / 20);
    const spreadIn = (page: string) => /"spread":\{[^}]+\}/.exec(page)?.[0];
    expect(spreadIn(before)).toContain('counts');
    expect(spreadIn(again)).toBe(spreadIn(before));
  });

  it.each([
    ['markdown', '| '],
    ['csv', 'quickstart'],
    ['prometheus', 'shardstorm_'],
    ['json', 'shardstorm.summary/1'],
    ['hlog', 'Histogram log format version'],
    ['junit', '<testsuites name='],
  ])('prints %s', async (format, text) => {
    const ended = await run(['report', out.result, '--format', format]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain(text);
  });

  it('writes several formats of several results to a folder', async () => {
    const folder = join(out.path, 'rendered');
    const words = ['report', out.result, out.result, '--format', 'html,csv', '--out', folder];
    const ended = await run(words);
    expect(ended.code, ended.stderr).toBe(0);
    expect(readdirSync(folder).sort()).toHaveLength(2);
    expect(readFileSync(join(folder, 'summary.csv'), 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it.each([
    [['report'], 'argument'],
    [['report', 'nowhere'], 'nowhere'],
    [['report', 'nowhere', '--format', 'pfd'], 'pfd'],
  ])('refuses %j', async (words, text) => {
    const ended = await run(words);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(text);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });
});
