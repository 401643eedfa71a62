import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comparisonSchema } from '../../src/report/comparison/schema.ts';
import { OutFolder, run, start } from './program.ts';

const SCENARIO = `version: 1
name: tiny
target: { kind: simulator, simulator: { shards: 2, latency: { fixed: 2ms } } }
load:
  workers: 1
  producers: 1
  seed: 7
  phases:
    - { name: first, duration: 300ms, rate: 500/s, measure: false }
    - { name: hold, duration: 1s, rate: 500/s }
records: { payload: { kind: random, size: 100B } }
matrix: { producer.maxBufferedTime: [20ms, 200ms] }
blocks: 2
`;

interface SweepFile {
  readonly order: readonly {
    readonly block: number;
    readonly variant: string;
    readonly run: string | null;
  }[];
}

let out: OutFolder;
let scenario: string;
let outFlags: string[];
beforeEach(() => {
  out = new OutFolder();
  scenario = join(out.path, 'tiny.yaml');
  writeFileSync(scenario, SCENARIO);
  outFlags = ['--out', join(out.path, 'results')];
});
afterEach(() => out.remove());

/** The sweep's folder, and its file. */
function sweepFolder(): string {
  const [name] = readdirSync(join(out.path, 'results')).filter((entry) =>
    entry.includes('-sweep-'),
  );
  return join(out.path, 'results', name ?? 'missing');
}

function sweepFile(): SweepFile {
  return JSON.parse(readFileSync(join(sweepFolder(), 'sweep.json'), 'utf8'));
}

describe('sweep', () => {
  it('goes on where it was killed or interrupted, and ends with a comparison', async () => {
    const killed = start(['sweep', scenario, ...outFlags]);
    await killed.said('1/4 ');
    killed.child.kill('SIGKILL');
    expect((await killed.ended).code).toBeNull();
    expect(sweepFile().order.every((slot) => slot.run === null)).toBe(true);

    const first = start(['sweep', sweepFolder()]);
    await first.said('run 2 of 4');
    await first.said('2/4 ');
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('go on with: shardstorm sweep');
    const before = sweepFile().order;
    expect(before.map((slot) => slot.run === null)).toEqual([false, true, true, true]);

    const second = await run(['sweep', sweepFolder(), '--json']);
    expect(second.code).toBe(0);
    const after = sweepFile().order;
    expect(after[0]).toEqual(before[0]);
    expect(after.every((slot) => slot.run !== null)).toBe(true);
    expect(second.stderr).not.toContain('run 1 of 4');

    const printed = JSON.parse(second.stdout);
    const comparison = comparisonSchema.parse(printed.comparison);
    const stored = JSON.parse(readFileSync(join(sweepFolder(), 'comparison.json'), 'utf8'));
    expect(stored).toEqual(printed.comparison);
    expect(comparison.runs).toHaveLength(4);
    expect(comparison.design).toMatchObject({ isPaired: true, blocks: 2, isEstimateOnly: true });
    expect(comparison.variants.map(({ name }) => name).sort()).toEqual([
      'maxBufferedTime=200ms',
      'maxBufferedTime=20ms',
    ]);
    for (const file of ['comparison.html', 'recommended.yaml', 'recommended.properties']) {
      expect(existsSync(join(sweepFolder(), file))).toBe(true);
    }
    const valid = await run(['scenario', 'validate', join(sweepFolder(), 'recommended.yaml')]);
    expect(valid.code).toBe(0);
  });

  it('hears a signal between two runs: what is done is kept, and it says how to go on', async () => {
    const running = start(['sweep', scenario, ...outFlags]);
    await running.said('completed');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stderr).toContain('go on with: shardstorm sweep');
    expect(sweepFile().order.map(({ run: id }) => id !== null)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(existsSync(join(sweepFolder(), sweepFile().order[0]?.run ?? '', 'summary.json'))).toBe(
      true,
    );
  });

  it('gives the runs of a block the same records, and blocks others', async () => {
    await run(['sweep', scenario, ...outFlags, '--quiet']);
    const seeds = sweepFile().order.map((slot) => {
      const summary = JSON.parse(
        readFileSync(join(sweepFolder(), slot.run ?? '', 'summary.json'), 'utf8'),
      );
      expect(summary.run.tags).toMatchObject({ variant: slot.variant, block: String(slot.block) });
      return [slot.block, summary.run.seed];
    });
    expect(new Set(seeds.map((pair) => pair.join(' ')))).toEqual(new Set(['1 7', '2 8']));
  });

  it('prints its plan and writes nothing with --dry-run', async () => {
    const { code, stdout } = await run([
      'sweep',
      scenario,
      ...outFlags,
      '--dry-run',
      '--blocks',
      '8',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('2 variants × 8 blocks = 16 runs');
    expect(stdout).toContain('takes   about');
    expect(stdout).toContain('the same against AWS up to $');
    expect(stdout).toContain('block 8:');
    expect(existsSync(join(out.path, 'results'))).toBe(false);
  });

  it('refuses a sweep whose scenario has changed, and one with nothing to sweep', async () => {
    await run(['sweep', scenario, ...outFlags, '--quiet', '--blocks', '1']);
    writeFileSync(scenario, SCENARIO.replace('500/s', '400/s'));
    const changed = await run(['sweep', sweepFolder()]);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('has changed since the sweep');
    const other = await run(['sweep', sweepFolder(), '--rate', '100/s']);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('--rate cannot change a sweep that has begun');
    writeFileSync(scenario, SCENARIO.replace(/matrix.*\n/, ''));
    const empty = await run(['sweep', scenario]);
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('nothing to sweep over');
  });

  it('asks before a sweep that costs money', async () => {
    const ended = await run([
      'sweep',
      scenario,
      ...outFlags,
      '--target',
      'aws',
      '--set',
      'target.stream=s',
    ]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('a sweep against AWS costs money');
    expect(existsSync(join(out.path, 'results'))).toBe(false);
  });
});

describe('compare', () => {
  it('takes folders, patterns and sweeps, and tells variants apart as asked', async () => {
    await run(['sweep', scenario, ...outFlags, '--quiet', '--blocks', '1']);
    const folder = sweepFolder();
    const target = join(out.path, 'compared');
    const whole = await run(['compare', folder, '--out', target]);
    expect(whole.code).toBe(0);
    expect(whole.stdout).toContain('estimate only');
    expect(readFileSync(join(target, 'comparison.html'), 'utf8')).toContain('data-chart="forest"');

    const pattern = join(folder, '*-maxbufferedtime-*');
    const named = await run([
      'compare',
      pattern,
      '--by',
      'name',
      '--baseline',
      'maxBufferedTime=200ms',
      '--out',
      target,
      '--json',
    ]);
    const { comparison } = JSON.parse(named.stdout);
    expect(comparison.baseline).toBe('maxBufferedTime=200ms');
    expect(comparison.runs).toHaveLength(2);
  });

  it.each([
    [['compare', 'no-such-folder'], 'no result at no-such-folder'],
    [['compare', 'no-such-*'], 'nothing matches no-such-*'],
  ])('%j ends with exit code 2', async (words, message) => {
    const ended = await run(words);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toContain('hint:');
  });
});
