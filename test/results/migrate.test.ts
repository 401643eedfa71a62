import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { migrateSummary } from '../../src/results/migrate.ts';
import { readResult, readSummary } from '../../src/results/read.ts';

/** Written by the program as it was before a summary had a verdict; a folder for each old form. */
const BEFORE_VERDICT = join(import.meta.dirname, '../fixtures/summary-1-before-verdict');

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(summary: unknown): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'migrate-')), 'run');
  folders.push(join(folder, '..'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
  return folder;
}

describe('results of earlier versions', () => {
  it('are read whole, in the present form', () => {
    const { summary, timeline, environment } = readResult(BEFORE_VERDICT);
    expect(summary.verdict).toBe('valid');
    expect(summary.userRecords.accepted).toBe(600);
    expect(timeline.length).toBeGreaterThan(0);
    expect(environment.packages['shardstorm']).toBe('0.1.0');
  });

  it('keep every figure', () => {
    const stored: Record<string, unknown> = JSON.parse(
      readFileSync(join(BEFORE_VERDICT, 'summary.json'), 'utf8'),
    );
    expect(stored['verdict']).toBeUndefined();
    expect(migrateSummary(stored)).toEqual({ ...stored, verdict: 'valid' });
  });

  it('get the verdict that their version would have meant', () => {
    const file = { schema: 'shardstorm.summary/1', valid: true, generator: { saturated: true } };
    expect(migrateSummary(file)).toMatchObject({ verdict: 'suspect' });
    expect(migrateSummary({ ...file, valid: false })).toMatchObject({ verdict: 'invalid' });
  });

  it('are left alone where they are in the present form, or none of ours', () => {
    const present = { schema: 'shardstorm.summary/1', valid: true, verdict: 'suspect' };
    expect(migrateSummary(present)).toBe(present);
    expect(migrateSummary([1])).toEqual([1]);
    expect(migrateSummary('x')).toBe('x');
  });

  it('of a later version are refused by name, with what to do', () => {
    const folder = folderWith({ schema: 'shardstorm.summary/2' });
    expect(() => readSummary(folder)).toThrow(
      /summary\.json: its schema shardstorm\.summary\/2 was written by a newer version .* up to shardstorm\.summary\/1/,
    );
    expect(() => readSummary(folder)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Update') }),
    );
  });
});
