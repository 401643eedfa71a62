import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Verification, verificationSchema } from '../../src/results/verification.ts';
import { OutFolder, QUICKSTART, run, SHORT, startEndpoint } from './program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDTEST',
  AWS_SECRET_ACCESS_KEY: 'sekret',
  AWS_REGION: 'us-east-1',
};
const verification = (): Verification =>
  verificationSchema.parse(JSON.parse(out.read('verification.json')));
const faults = (...list: string[]) => ['--set', `target.simulator.faults=[${list.join(', ')}]`];

describe('verify', () => {
  it('as a part of a run: nothing is lost, end-to-end latency is measured', async () => {
    const during = ['--set', 'verify=during', '--threshold', 'verify.lost == 0'];
    const ended = await run(['run', QUICKSTART, ...SHORT, ...during, '--out', out.path]);
    expect(ended.stdout).toContain('DELIVERED');
    expect(out.summary.verify).toMatchObject({ verdict: 'delivered', lost: 0, expected: 4500 });
    expect(out.summary.latency.endToEnd?.count).toBe(4000);
    expect(out.summary.thresholds.find(({ expression }) => /lost/.test(expression))?.held).toBe(
      true,
    );
    expect(verification().damage).toMatchObject({ compared: 4500, wrongContents: 0, wrongKeys: 0 });
    expect(out.read('report.html')).toContain('User records in the stream');
  });

  it('finds planted loss, copies and damage, exits 99 and says where', async () => {
    const planted = faults(
      '{kind: drop-after-accept, rate: 5%}',
      '{kind: corrupt-byte, rate: 5%}',
      '{kind: duplicate-record, rate: 5%}',
      '{kind: reset-after, rate: 5%}',
    );
    const words = ['run', QUICKSTART, ...SHORT, '--set', 'verify=after', ...planted];
    const ended = await run([...words, '--out', out.path]);
    expect(ended.code).toBe(99);
    expect(ended.stdout).toContain('LOST');
    const { verdict, delivery, damage, gaps } = verification();
    expect(verdict).toBe('lost');
    expect(delivery.lost).toBeGreaterThan(0);
    expect(gaps.reduce((sum, gap) => sum + gap.lost, 0)).toBe(delivery.lost);
    expect(damage.brokenAggregates).toBeGreaterThan(0);
    expect(delivery.duplicatesUnexplained).toBeGreaterThan(0);
    expect(delivery.duplicatesExpected).toBeGreaterThan(0);
  });

  it('shows that a8m keeps one key of an aggregate', async () => {
    const words = ['run', QUICKSTART, ...SHORT, '--set', 'verify=after'];
    const ended = await run([...words, '--set', 'producer.profile=a8m', '--out', out.path]);
    expect(ended.code).toBe(99);
    const { verdict, damage } = verification();
    expect(verdict).toBe('damaged');
    expect(damage.wrongKeys).toBeGreaterThan(damage.compared / 2);
  });

  it('reads a stored result back from its endpoint, and refuses one that is gone', async () => {
    const simulator = await startEndpoint({ faults: [] });
    try {
      const target = ['--target', simulator.endpoint, '--set', 'target.stream=quickstart'];
      await run(['run', QUICKSTART, ...SHORT, ...target, '--out', out.path], KEYS);
      const ended = await run(['verify', out.result, '--json'], KEYS);
      expect(ended.code).toBe(0);
      expect(JSON.parse(ended.stdout)).toMatchObject({ verdict: 'delivered', when: 'after' });
      expect(out.summary.verify?.lost).toBe(0);
      expect(readdirSync(out.result).filter((file) => /checkpoint|partial/.test(file))).toEqual([]);
      const inspected = await run(
        ['inspect', 'quickstart', '--endpoint', simulator.endpoint, '--since', '1h', '--json'],
        KEYS,
      );
      expect(JSON.parse(inspected.stdout)).toMatchObject({ userRecords: 4500, keys: {} });
      const file = join(out.path, 'observed.yaml');
      const from = [
        '--from-stream',
        'quickstart',
        '--endpoint',
        simulator.endpoint,
        '--since',
        '1h',
      ];
      expect((await run(['scenario', 'init', file, ...from], KEYS)).code).toBe(0);
      expect((await run(['scenario', 'validate', file])).code).toBe(0);
    } finally {
      await simulator.close();
    }
  });

  it('says what cannot be verified, and why', async () => {
    const nowhere = await run(['verify', join(out.path, 'nothing')]);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain('there is no such file or folder');
    const unstamped = ['--set', 'records.stamp=false', '--set', 'verify=after'];
    const refused = await run(['run', QUICKSTART, ...unstamped, '--out', out.path]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('verify tells records apart by their stamps');
    expect((await run(['verify', 'x', '--fail-on', 'lots'])).stderr).toContain(
      'did you mean "lost"',
    );
  });
});
