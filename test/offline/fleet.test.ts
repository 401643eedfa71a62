import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
