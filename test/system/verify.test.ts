import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verificationSchema } from '../../src/results/verification.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { OutFolder, QUICKSTART, run, startEndpoint } from './program.ts';

/** 200 records to warm up, 2,000 that are measured. */
const BRIEF = ['--set', 'load.phases.warm-up.duration=200ms', '--duration', '1s'];
const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDTEST',
  AWS_SECRET_ACCESS_KEY: 'sekret',
  AWS_REGION: 'us-east-1',
};
const verificationOf = (out: OutFolder) =>
  verificationSchema.parse(JSON.parse(out.read('verification.json')));

async function inFolder(use: (out: OutFolder) => Promise<void>): Promise<void> {
  const out = new OutFolder();
  try {
    await use(out);
  } finally {
    out.remove();
  }
}

// Most of a run is waiting, so they wait together.
describe.concurrent('verify', () => {
  it('as a part of a run: nothing is lost, end-to-end latency is measured', () =>
    inFolder(async (out) => {
      const during = ['--set', 'verify=during', '--threshold', 'verify.lost == 0'];
      const ended = await run(['run', QUICKSTART, ...BRIEF, ...during, '--out', out.path]);
      expect(ended.stdout).toContain('DELIVERED');
      expect(out.summary.verify).toMatchObject({ verdict: 'delivered', lost: 0, expected: 2200 });
      expect(out.summary.latency.endToEnd?.count).toBe(2000);
      expect(out.summary.thresholds.find(({ expression }) => /lost/.test(expression))?.held).toBe(
        true,
      );
      const { damage } = verificationOf(out);
      expect(damage).toMatchObject({ compared: 2200, wrongContents: 0, wrongKeys: 0 });
      expect(out.read('report.html')).toContain('User records in the stream');
    }));

  it('finds planted loss, copies and damage, exits 99 and says where', () =>
    inFolder(async (out) => {
      const kinds = ['drop-after-accept', 'corrupt-byte', 'duplicate-record', 'reset-after'];
      const faults = kinds.map((kind) => `{kind: ${kind}, rate: 20%}`).join(', ');
      const planted = ['--set', 'verify=after', '--set', `target.simulator.faults=[${faults}]`];
      const ended = await run(['run', QUICKSTART, ...BRIEF, ...planted, '--out', out.path]);
      expect(ended.code).toBe(99);
      expect(ended.stdout).toContain('LOST');
      const { verdict, delivery, damage, gaps } = verificationOf(out);
      expect(verdict).toBe('lost');
      expect(delivery.lost).toBeGreaterThan(0);
      expect(gaps.reduce((sum, gap) => sum + gap.lost, 0)).toBe(delivery.lost);
      expect(damage.brokenAggregates).toBeGreaterThan(0);
      expect(delivery.duplicatesUnexplained).toBeGreaterThan(0);
      expect(delivery.duplicatesExpected).toBeGreaterThan(0);
    }));

  it('shows that a8m keeps one key of an aggregate', () =>
    inFolder(async (out) => {
      const a8m = ['--set', 'verify=after', '--set', 'producer.profile=a8m'];
      const ended = await run(['run', QUICKSTART, ...BRIEF, ...a8m, '--out', out.path]);
      expect(ended.code).toBe(99);
      const { verdict, damage } = verificationOf(out);
      expect(verdict).toBe('damaged');
      expect(damage.wrongKeys).toBeGreaterThan(damage.compared / 2);
    }));

  it('reads a stored result back from its endpoint, and makes a scenario of the stream', () =>
    inFolder(async (out) => {
      const simulator = await startEndpoint({ faults: [] });
      try {
        const target = ['--target', simulator.endpoint, '--set', 'target.stream=quickstart'];
        await run(['run', QUICKSTART, ...BRIEF, ...target, '--out', out.path], KEYS);
        const ended = await run(['verify', out.result, '--json'], KEYS);
        expect(ended.code).toBe(0);
        expect(JSON.parse(ended.stdout)).toMatchObject({ verdict: 'delivered', when: 'after' });
        expect(out.summary.verify?.lost).toBe(0);
        const left = readdirSync(out.result).filter((file) => /checkpoint|partial/.test(file));
        expect(left).toEqual([]);
        const past = ['--endpoint', simulator.endpoint, '--since', '1h'];
        const file = join(out.path, 'observed.yaml');
        const [inspected, made] = await Promise.all([
          run(['inspect', 'quickstart', ...past, '--json'], KEYS),
          run(['scenario', 'init', file, '--from-stream', 'quickstart', ...past], KEYS),
        ]);
        expect(JSON.parse(inspected.stdout)).toMatchObject({ userRecords: 2200, openShards: 2 });
        expect(made.code).toBe(0);
        expect(loadScenario(file).target.simulator?.shards).toBe(2);
      } finally {
        await simulator.close();
      }
    }));

  it('says what cannot be verified, and why', () =>
    inFolder(async (out) => {
      const unstamped = ['--set', 'records.stamp=false', '--set', 'verify=after'];
      const [nowhere, refused] = await Promise.all([
        run(['verify', join(out.path, 'nothing')]),
        run(['run', QUICKSTART, ...unstamped, '--out', out.path]),
      ]);
      expect(nowhere.code).toBe(2);
      expect(nowhere.stderr).toContain('there is no such file or folder');
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('verify tells records apart by their stamps');
    }));
});
