import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summarySchema } from '../../src/results/schema.ts';
import type { Summary } from '../../src/results/summary.ts';
import { OutFolder, QUICKSTART, run } from '../system/program.ts';

const LOAD = [
  '--virtual',
  '--quiet',
  '--set',
  'target.simulator.latency={fixed: 5ms}',
  '--set',
  'load.producers=6',
];

let shares: OutFolder;
let whole: OutFolder;
beforeAll(async () => {
  shares = new OutFolder();
  whole = new OutFolder();
  for (const k of [0, 1, 2]) {
    const ended = await run([
      'run',
      QUICKSTART,
      ...LOAD,
      '--share',
      `${k}/3`,
      '--out',
      shares.path,
    ]);
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
  }
  expect((await run(['run', QUICKSTART, ...LOAD, '--out', whole.path])).code).toBe(0);
});
afterAll(() => {
  shares.remove();
  whole.remove();
});

/** What must not depend on how many did it. */
const figuresOf = ({ run: made, ...rest }: Summary) => ({
  ...rest,
  run: [made.scenario, made.durationMs, made.producers, made.seed],
});

describe('merge', () => {
  it('makes of three shares the result of one run', async () => {
    const out = new OutFolder();
    const ended = await run(['merge', shares.path, '--out', out.path]);
    expect(ended.stdout).toContain('VALID');
    expect(ended.code).toBe(0);
    const merged = summarySchema.parse(out.summary);
    expect(figuresOf(merged)).toEqual(figuresOf(summarySchema.parse(whole.summary)));
    expect(out.read('timeline.jsonl')).toBe(whole.read('timeline.jsonl'));
    expect(merged.run.members?.map(({ index, offered }) => [index, offered > 6000])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    expect(merged.run.startSkewUs).toBe(0);
    // Six producers, each with 150 % of a shard's limits.
    expect(merged.run.limiterShare).toBe(9);
    expect(ended.stdout).toContain("let through 900.0 % of a shard's limits");
    out.remove();
  });

  it('tells what a share warned of, on every page', async () => {
    const warned = new OutFolder();
    cpSync(shares.path, warned.path, { recursive: true });
    const [, name = ''] = readdirSync(warned.path);
    const file = join(warned.path, name, 'share.json');
    const told = JSON.parse(readFileSync(file, 'utf8'));
    const warnings = ['GC took 9 % of the time.'];
    writeFileSync(file, JSON.stringify({ ...told, warnings }));
    const out = new OutFolder();
    const ended = await run(['merge', warned.path, '--out', out.path]);
    expect(ended.code).toBe(0);
    const sentence = `Share ${told.index}: GC took 9 % of the time.`;
    expect(out.summary.warnings).toContain(sentence);
    for (const text of [ended.stdout, out.read('report.html')]) expect(text).toContain(sentence);
    warned.remove();
    out.remove();
  });

  it('refuses a set that is not whole, and merges it when told to: invalid, with the reason', async () => {
    const some = new OutFolder();
    const [first = '', second = ''] = readdirSync(shares.path);
    for (const name of [first, second])
      cpSync(join(shares.path, name), join(some.path, name), { recursive: true });
    const refused = await run(['merge', some.path, '--out', some.path]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/Of 3 shares 1 is missing: \d\./);
    expect(readdirSync(some.path).length).toBe(2);
    const out = new OutFolder();
    const forced = await run(['merge', some.path, '--force', '--out', out.path]);
    expect(forced.code).toBe(4);
    expect(out.summary.valid).toBe(false);
    expect(out.summary.invalidReasons[0]).toMatch(/missing/);
    some.remove();
    out.remove();
  });

  it('refuses a share of other settings, one that is there twice, a whole run, and damaged frames', async () => {
    const other = new OutFolder();
    const more = ['--seed', '7', '--share', '0/3', '--out', other.path];
    expect((await run(['run', QUICKSTART, ...LOAD, ...more])).code).toBe(0);
    const foreign = await run(['merge', shares.path, other.result, '--out', other.path]);
    expect(foreign.code).toBe(2);
    expect(foreign.stderr).toContain('another scenario');
    const mixed = await run(['merge', whole.result]);
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toContain('no share');
    const copy = new OutFolder();
    cpSync(shares.path, copy.path, { recursive: true });
    const twice = await run(['merge', shares.path, copy.path]);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('is there twice');
    const [first = ''] = readdirSync(copy.path);
    const frames = join(copy.path, first, 'frames.bin');
    writeFileSync(frames, readFileSync(frames).subarray(0, -5));
    const damaged = await run(['merge', copy.path]);
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toContain('frames.bin');
    rmSync(frames);
    other.remove();
    copy.remove();
  });

  it('needs none of the files that the members read: their machines had them', async () => {
    const data = new OutFolder();
    const rows = join(data.path, 'rows.ndjson');
    writeFileSync(rows, '{"a":1}\n{"a":2}\n');
    const payload = `records={partitionKey: {kind: uniform}, payload: {kind: file, file: ${rows}}}`;
    const words = ['run', QUICKSTART, '--virtual', '--quiet', '--set', payload, '--duration', '1s'];
    const out = new OutFolder();
    for (const k of [0, 1]) {
      const ended = await run([...words, '--share', `${k}/2`, '--out', out.path]);
      expect(ended.code, ended.stderr).toBe(0);
    }
    const [near, far] = [new OutFolder(), new OutFolder()];
    expect((await run(['merge', out.path, '--out', near.path])).code).toBe(0);
    expect(near.summary.prediction).toBeDefined();
    data.remove();
    const ended = await run(['merge', out.path, '--out', far.path]);
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
    // The formulas would have to make the records, so they say nothing.
    expect(far.summary.prediction).toBeUndefined();
    const { prediction, run: _, ...rest } = near.summary;
    expect(far.summary).toMatchObject(rest);
    for (const folder of [out, near, far]) folder.remove();
  });

  it('shares of the embedded simulator are refused: each would have a stream of its own', async () => {
    const ended = await run(['run', QUICKSTART, '--share', '0/2']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('shardstorm simulate');
  });
});
