import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OutFolder, QUICKSTART, run } from '../system/program.ts';

const TARGET = ['--target', 'http://10.0.0.1:4567', '--set', 'target.stream=clicks'];
const ROLE = 'arn:aws:iam::123456789012:role/load';
const IMAGE = ['--image', 'registry/shardstorm:1'];

describe('fleet --submit', () => {
  const out = new OutFolder();
  // A folder without any program: nothing of the machine's own can be found.
  const nothing = mkdtempSync(join(tmpdir(), 'shardstorm-path-'));
  afterAll(() => {
    out.remove();
    rmSync(nothing, { recursive: true, force: true });
  });

  it.each([
    ['kubernetes', 'kubectl', [...IMAGE, '--results', 'pvc:runs'], 'kubectl apply -f'],
    [
      'batch',
      'aws',
      [...IMAGE, '--results', 's3://bucket/runs', '--queue', 'q', '--role-arn', ROLE],
      'aws batch register-job-definition',
    ],
    ['slurm', 'sbatch', [], 'sbatch '],
  ])(
    'on %s without %s says what is missing, what to do, and where the files lie',
    async (engine, program, flags, line) => {
      const folder = join(out.path, engine);
      const words = ['fleet', engine, QUICKSTART, '--members', '2', ...TARGET, ...flags];
      const ended = await run([...words, '--out', folder, '--submit', '--yes'], { PATH: nothing });
      expect(ended.code, ended.stderr).toBe(2);
      expect(ended.stdout).toBe('');
      expect(ended.stderr).toContain(
        `[SHARDSTORM_CLI_USAGE] nothing was submitted: ${program} is not on the PATH`,
      );
      expect(ended.stderr).toMatch(/hint: (Install|Go to)/);
      expect(ended.stderr).toContain(`run there: ${line}`);
      expect(ended.stderr).not.toMatch(/^ +at /m);
      const [job = ''] = readdirSync(folder);
      expect(existsSync(join(folder, job))).toBe(true);
      expect(ended.stderr).toContain(join(folder, job));
    },
  );

  it('tells of a program that refuses, with its own words', async () => {
    const refusing = join(nothing, 'kubectl');
    writeFileSync(refusing, '#!/bin/sh\necho no cluster >&2\nexit 7\n', { mode: 0o755 });
    const words = ['fleet', 'kubernetes', QUICKSTART, '--members', '2', ...TARGET, ...IMAGE];
    const folder = join(out.path, 'refused');
    const more = ['--results', 'pvc:runs', '--out', folder, '--submit', '--yes'];
    const ended = await run([...words, ...more], { PATH: `${nothing}:/usr/bin:/bin` });
    expect(ended.code, ended.stderr).toBe(2);
    expect(ended.stderr).toContain('no cluster');
    expect(ended.stderr).toContain('kubectl ended with 7');
  });
});

describe('a fleet against AWS', () => {
  const out = new OutFolder();
  // Notes what it was told to do.
  const programs = mkdtempSync(join(tmpdir(), 'shardstorm-path-'));
  const told = join(programs, 'told');
  writeFileSync(join(programs, 'kubectl'), `#!/bin/sh\necho "$@" >> ${told}\n`, { mode: 0o755 });
  afterAll(() => {
    out.remove();
    rmSync(programs, { recursive: true, force: true });
  });
  const words = ['fleet', 'kubernetes', QUICKSTART, '--members', '2', '--target', 'aws', ...IMAGE];
  const flags = ['--set', 'target.stream=clicks', '--results', 'pvc:runs', '--submit'];
  const environment = { PATH: `${programs}:/usr/bin:/bin`, AWS_REGION: 'us-east-1' };

  it('is submitted only when its cost was agreed to', async () => {
    const asked = await run([...words, ...flags, '--out', out.path], environment);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('SHARDSTORM_CLI_COST_NOT_CONFIRMED');
    expect(existsSync(told)).toBe(false);
    const agreed = await run([...words, ...flags, '--yes', '--out', out.path], environment);
    expect(agreed.code, agreed.stderr).toBe(0);
    expect(agreed.stdout).toMatch(/^done .*kubectl apply -f/m);
    expect(readFileSync(told, 'utf8')).toBe(`apply -f ${join(out.result, 'job.yaml')}\n`);
  });

  it('gets a folder of its own, however soon after another', async () => {
    const twice = new OutFolder();
    const rest = ['--set', 'target.stream=clicks', '--results', 'pvc:runs', '--out', twice.path];
    const both = await Promise.all([run([...words, ...rest]), run([...words, ...rest])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(twice.entries.length).toBe(2);
    twice.remove();
  });
});
