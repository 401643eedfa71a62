import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutFolder, QUICKSTART, start } from './program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

describe('capacity on the wire', () => {
  it('keeps what it found when it is interrupted', async () => {
    const words = [
      'capacity',
      QUICKSTART,
      '--from',
      '500/s',
      '--window',
      '1s',
      '--settle',
      '100ms',
    ];
    const search = start([...words, '--out', out.path]);
    await search.said('· held');
    search.child.kill('SIGINT');
    const ended = await search.ended;
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stdout).toContain('(interrupted), bracket 500/s');
    const stored = JSON.parse(readFileSync(join(out.result, 'capacity.json'), 'utf8'));
    expect(stored).toMatchObject({ status: 'interrupted', passed: 500 });
  });
});
