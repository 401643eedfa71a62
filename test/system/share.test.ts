import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutFolder, QUICKSTART, start } from './program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

describe('a share that is ready after the common start', () => {
  it('says so, is invalid for that reason, and does not blame its generator', async () => {
    const startAt = String(Math.floor(Date.now() / 1000) - 10);
    const running = start([
      ...['run', QUICKSTART, '--target', 'null', '--share', '0/2', '--start-at', startAt],
      ...['--set', 'load.producers=2', '--duration', '120s', '--out', out.path],
    ]);
    await running.said('after the common start');
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/INVALID/);
    expect(stdout).toMatch(/This share began 1\d\.\ds after the common start/);
    expect(stdout).toContain('Agree on a start that every member can keep');
    expect(stdout).not.toMatch(/bottleneck|Lower the rate/);
    const share = JSON.parse(out.read('share.json'));
    expect(share.startedLateUs).toBeGreaterThan(9e6);
    expect(share.verdict).toBe('invalid');
    // `merge` tells of it in its own words.
    expect(share.invalidReasons).toHaveLength(1);
  });
});
