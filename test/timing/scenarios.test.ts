import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerGap, OutFolder, run, SCENARIOS } from '../system/program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

const toOut = () => ['--out', out.path];

describe('every scenario', () => {
  const files = readdirSync(SCENARIOS).filter((file) => file.endsWith('.yaml'));
  // In so short a time no limit is worn out yet, so each must hold what it promises.
  it.each(files)('%s runs and holds its objectives', async (file) => {
    // Ten records a second: a p90 takes 29 of them.
    const duration = file === 'large-records.yaml' ? '4s' : '1500ms';
    const short = ['--duration', duration, '--set', 'load.drain=30s'];
    const ended = await run(['run', join(SCENARIOS, file), ...short, ...toOut(), '--quiet']);
    const missed = out.summary.thresholds.filter(({ held }) => !held);
    expect(missed).toEqual([]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(out.summary.invalidReasons).toEqual([]);
    expect(ledgerGap(out.summary)).toBe(0);
    expect(out.summary.userRecords.offered).toBeGreaterThan(0);
  });
});
