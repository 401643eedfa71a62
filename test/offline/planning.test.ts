import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutFolder, QUICKSTART, run, startEndpoint } from '../system/program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

describe('plan', () => {
  it('tells heat, batches, shards, cost and growth, as text and as JSON', async () => {
    const words = ['plan', QUICKSTART, '--growth', '8%'];
    const text = await run(words);
    expect(text.code, text.stderr).toBe(0);
    for (const part of ['first limit', 'Hottest keys', 'Shards needed', 'prices of', 'full in']) {
      expect(text.stdout).toContain(part);
    }
    const json = JSON.parse((await run([...words, '--json'])).stdout);
    expect(json).toMatchObject({ schema: 'shardstorm.plan/1', peakPerSecond: 2000 });
    expect(json.shards).toHaveLength(4);
  });

  it('looks at the shards that --set asks for, and says when it has to assume them', async () => {
    const load = ['plan', '--rate', '5000/s', '--size', '100B', '--json'];
    const set = await run([...load, '--set', 'target.simulator.shards=64']);
    expect(JSON.parse(set.stdout).shards).toHaveLength(64);
    expect(JSON.parse(set.stdout).notes).toEqual([]);
    const real = await run([...load, '--target', 'aws', '--set', 'target.stream=s']);
    expect(JSON.parse(real.stdout).notes).toEqual([expect.stringContaining('4 shards')]);
  });

  it.each([
    [['plan'], '--rate and --size'],
    [['plan', QUICKSTART, '--size', '100KiB'], '--size does not go together with a scenario file'],
    [['plan', QUICKSTART, '--keys', '1'], '--keys does not go together with a scenario file'],
    [['plan', QUICKSTART, '--stream', 'clk', '--shards', '9'], '--shards does not go together'],
    [['plan', QUICKSTART, '--region', 'mars-cental-9'], 'nearest known region is ca-central-1'],
    [
      ['plan', '--rate', '1000/s', '--size', '1KiB', '--keys', 'zipf:1000:1:7'],
      '--keys "zipf:1000:1:7"',
    ],
    [['plan', QUICKSTART, '--region', 'us-esat-1'], 'did you mean "us-east-1"?'],
    [['plan', QUICKSTART, '--set', 'target.simulator.mode=on-demnd'], 'on-demand'],
    [['plan', '--rate', '1000/s', '--size', '1KiB', '--keys', 'many'], '--keys "many"'],
    [['plan', '--rate', '90000/s', '--size', '1KiB', '--keys', '3'], 'no number of shards'],
  ])('refuses %j with what is possible', async (words, message) => {
    const ended = await run(words);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toContain('hint:');
  });
});

describe('plan --stream', () => {
  const account = { AWS_ACCESS_KEY_ID: 'anyone', AWS_SECRET_ACCESS_KEY: 'anything' };
  const words = ['plan', '--rate', '1000/s', '--size', '200B', '--region', 'us-east-1', '--json'];

  it('looks at the shards of a live stream, and says so when there is none', async () => {
    const simulator = await startEndpoint({ shards: 3 });
    try {
      const live = [...words, '--target', simulator.endpoint];
      const ended = await run([...live, '--stream', 'quickstart'], account);
      expect(ended.code, ended.stderr).toBe(0);
      expect(JSON.parse(ended.stdout).shards).toHaveLength(3);
      const missing = await run([...live, '--stream', 'nowhere'], account);
      expect(missing.code).toBe(3);
      expect(missing.stderr).toContain('nowhere');
    } finally {
      await simulator.close();
    }
  });
});

describe('capacity with wrong flags', () => {
  it.each([
    ['--settle', '1', '--settle is not a duration'],
    ['--precision', '0%', '--precision is not a percentage'],
  ])('refuses %s %s', async (flag, value, message) => {
    const ended = await run(['capacity', QUICKSTART, flag, value, '--out', out.path]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(message);
  });
});

describe('capacity --virtual', () => {
  it('finds what four shards take without aggregation', async () => {
    const plain = ['--set', 'producer.aggregation.enabled=false', '--from', '3000/s'];
    const words = ['capacity', QUICKSTART, '--virtual', '--window', '5s', ...plain];
    const ended = await run([...words, '--json', '--quiet', '--out', out.path]);
    expect(ended.code, ended.stderr).toBe(0);
    const search = JSON.parse(ended.stdout);
    expect(search.status).toBe('confirmed');
    expect(search.perSecond).toBeGreaterThan(3500);
    expect(search.perSecond).toBeLessThan(4000);
    expect(search.failed.failed.length).toBeGreaterThan(0);
    expect(search.hysteresis.steps).toHaveLength(4);
    // What was found is in its folder, with a result for each probe and one for the way up and down.
    const stored = JSON.parse(readFileSync(join(search.folder, 'capacity.json'), 'utf8'));
    expect(stored.perSecond).toBe(search.perSecond);
    expect(readdirSync(search.folder)).toHaveLength(search.probes.length + 2);
  });

  it('finds the same for a target that is slow, and in windows of a second', async () => {
    const slow = ['--set', 'target.simulator.latency={fixed: 600ms}'];
    const short = ['--from', '12000/s', '--window', '1s', '--precision', '20%', '--no-hysteresis'];
    const words = ['capacity', QUICKSTART, '--virtual', ...slow, ...short];
    const ended = await run([...words, '--json', '--quiet', '--out', out.path]);
    expect(ended.code, ended.stderr).toBe(0);
    const search = JSON.parse(ended.stdout);
    // Four shards take 4 MiB/s: 200 B records in aggregates, and what is around each.
    expect(search.perSecond).toBeGreaterThan(16_000);
    expect(search.perSecond).toBeLessThan(20_500);
    const held = search.probes.filter(({ failed }: { failed: unknown[] }) => failed.length === 0);
    for (const { perSecond, acceptedPerSecond } of held) {
      expect(acceptedPerSecond / perSecond).toBeGreaterThan(0.95);
    }
  });
});
