import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutFolder, QUICKSTART, run, start, startEndpoint } from '../system/program.ts';

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
    [
      ['plan', '--rate', '9/s', '--size', '1KB', '--set', 'records.payload.size=2KB'],
      '--set records.payload.size=2KB does not go together with --size',
    ],
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
    ['--from', '20000000/s', '--from 20000000/s is not from 0.1/s to 10000000/s'],
    ['--rate', '5000/s', '--rate has no meaning here'],
    ['--duration', '1m', '--duration has no meaning here'],
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

  it('ends without a rate where none keeps the objective: exit code 99, and what was found', async () => {
    const impossible = ['--objective', 'response.p99 < 1us', '--window', '1s', '--settle', '200ms'];
    const words = ['capacity', QUICKSTART, '--virtual', ...impossible, '--no-hysteresis'];
    const ended = await run([...words, '--quiet', '--out', out.path]);
    expect(ended.code, ended.stderr).toBe(99);
    expect(ended.stdout).toContain('Capacity: no rate');
    expect(ended.stdout).toContain('  1,000/s · accepted');
    const stored = JSON.parse(readFileSync(join(out.result, 'capacity.json'), 'utf8'));
    expect(stored).toMatchObject({ status: 'no rate', perSecond: null });
  });

  it('says so when it is interrupted on the way up and down, and keeps the rate', async () => {
    const long = ['--from', '12000/s', '--window', '20s', '--precision', '100%'];
    const search = start(['capacity', QUICKSTART, '--virtual', ...long, '--out', out.path]);
    await search.said('up to overload');
    search.child.kill('SIGINT');
    const ended = await search.ended;
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stdout).toContain('(confirmed, then interrupted)');
    expect(ended.stdout).not.toContain('no hysteresis');
  });

  it('prints what it found where a full disk cannot keep it: exit code 4', async () => {
    const hooks = new OutFolder();
    const hook = join(hooks.path, 'full-disk.cjs');
    writeFileSync(
      hook,
      `const fs = require('node:fs');
const { openSync } = fs;
fs.openSync = (path, ...rest) => {
  if (!String(path).includes('capacity.json')) return openSync(path, ...rest);
  throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
};
require('node:module').syncBuiltinESMExports();
`,
    );
    const words = ['capacity', QUICKSTART, '--virtual', '--window', '1s', '--settle', '200ms'];
    const ended = await run([...words, '--quiet', '--out', out.path], {
      NODE_OPTIONS: `--require=${hook}`,
    });
    hooks.remove();
    expect(ended.code).toBe(4);
    expect(ended.stdout).toContain('(broken off), bracket 1,000/s … -');
    expect(ended.stdout).not.toContain('Result ');
    expect(ended.stderr).toContain('SHARDSTORM_RESULTS_INCOMPLETE');
    expect(ended.stderr).toContain('hint: Free space');
  });
});
