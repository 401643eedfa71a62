import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutFolder, run, SCENARIOS } from '../system/program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

/** Points between what a formula and a run say of the hottest shard. */
const MARGIN = 0.02;

describe.each([
  ['quickstart', '12000/s', 'bytes'],
  ['hot-key', '1500/s', 'records'],
  ['sdk-batch', '3500/s', 'records'],
])('plan, run --virtual and capacity --virtual of %s at %s', (name, rate, boundBy) => {
  const scenario = join(SCENARIOS, `${name}.yaml`);
  const documentOf = async (...words: string[]) => {
    const { stdout, stderr } = await run([...words, '--json']);
    expect(stdout, stderr).not.toBe('');
    return JSON.parse(stdout);
  };

  it('agree on the shards that leave a fifth free, and on the limit of those of the scenario', async () => {
    const plan = await documentOf('plan', scenario, '--rate', rate);
    const hottestOf = async (shards: number): Promise<number> => {
      const set = ['--set', `target.simulator.shards=${shards}`, '--duration', '6s'];
      const words = ['run', scenario, '--virtual', '--quiet', '--rate', rate, ...set];
      const { summary } = await documentOf(...words, '--out', out.path);
      return Math.max(...summary.shards.map((shard: { utilisation: number }) => shard.utilisation));
    };
    expect(await hottestOf(plan.shardsNeeded)).toBeLessThan(0.8 + MARGIN);
    expect(await hottestOf(plan.shardsNeeded - 1)).toBeGreaterThan(0.8 - MARGIN);

    const from = `${Math.round(plan.firstLimitPerSecond * 0.9)}/s`;
    const windows = ['--from', from, '--window', '4s', '--settle', '1s', '--precision', '5%'];
    const objective = ['--objective', 'throttle < 0.1%', '--no-hysteresis', '--virtual', '--quiet'];
    const words = ['capacity', scenario, ...windows, ...objective];
    const search = await documentOf(...words, '--out', out.path);
    expect(plan.hottest.boundBy).toBe(boundBy);
    expect(search.failed.hottestShard).toContain(`on ${boundBy}`);
    // The bracket, and as much beside it as it may be wide.
    expect(plan.firstLimitPerSecond).toBeGreaterThan(search.passed * 0.95);
    expect(plan.firstLimitPerSecond).toBeLessThan(search.failed.perSecond * 1.05);
  });
});
