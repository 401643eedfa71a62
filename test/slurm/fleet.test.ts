/**
 * `fleet slurm` on a real Slurm: four nodes emulated on this machine (scripts/slurm-cluster.sh), one simulator over
 * loopback. Where that cannot be (no root, no packages) it is skipped, and the name of what is skipped says why.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Summary } from '../../src/results/summary.ts';
import type { AuditReport } from '../../src/simulator/core/audit.ts';
import type { SimulatorHandle } from '../../src/simulator/host.ts';
import { OutFolder, QUICKSTART, run, startEndpoint } from '../system/program.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/slurm-cluster.sh');
const cluster = mkdtempSync(join(tmpdir(), 'shardstorm-slurm-'));
const ENVIRONMENT = {
  SLURM_CONF: join(cluster, 'slurm.conf'),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

function script(...words: string[]): string | null {
  const { status, stderr } = spawnSync(SCRIPT, words, { encoding: 'utf8' });
  return status === 0 ? null : stderr.trim().split('\n').at(-1) || `it ended with ${status}`;
}

const reason = script('install') ?? script('start', cluster);
if (reason !== null) process.stderr.write(`Slurm is not tested: ${reason}\n`);
afterAll(() => {
  expect(script('stop', cluster)).toBeNull();
  rmSync(cluster, { recursive: true, force: true });
});

/** Submits four members. */
async function submit(simulator: SimulatorHandle, out: OutFolder): Promise<void> {
  const load = ['load.phases.warm-up.duration=1s', 'load.producers=8', 'target.stream=quickstart'];
  const ended = await run(
    [
      ...['fleet', 'slurm', QUICKSTART, '--members', '4', '--target', simulator.endpoint],
      ...load.flatMap((setting) => ['--set', setting]),
      ...['--duration', '3s', '--rate', '2000/s', '--start-in', '6s', '--out', out.path],
      ...['--cpus', '1', '--memory', '500MiB', '--submit'],
    ],
    ENVIRONMENT,
  );
  expect(ended.stderr).toMatch(/^Submitted batch job \d+\n$/);
  expect(ended.code).toBe(0);
}

/** Waits for the end of the one job there is. @returns its exit code */
function jobEnded(): Promise<number> {
  const options = { encoding: 'utf8', env: { ...process.env, ...ENVIRONMENT } } as const;
  return vi.waitFor(
    () => {
      const { stdout } = spawnSync('scontrol', ['show', 'job', '--oneliner'], options);
      const job = stdout.trim().split('\n').at(-1) ?? '';
      expect(job).toMatch(/JobState=(COMPLETED|FAILED) /);
      return Number(/ ExitCode=(\d+):/.exec(job)?.[1]);
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** The one merged result of a job. */
function mergedOf(out: OutFolder): Summary {
  const folder = join(out.result, 'merged');
  const [only = ''] = readdirSync(folder);
  return JSON.parse(readFileSync(join(folder, only, 'summary.json'), 'utf8'));
}

/** Process of the task with this number, once its log says that it waits for the start; the nodes are this machine. */
function memberPid(out: OutFolder, task: number): number {
  const log = readdirSync(out.result).find((name) => name.endsWith('.log')) ?? '';
  expect(readFileSync(join(out.result, log), 'utf8')).toContain(`${task}: quickstart:`);
  const pid = readdirSync('/proc').find((name) => {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      if (!words.includes(out.path) || words.startsWith('srun')) return false;
      return readFileSync(`/proc/${name}/environ`, 'utf8').includes(`SLURM_PROCID=${task}\0`);
    } catch {
      return false;
    }
  });
  return Number(pid);
}

describe.skipIf(reason !== null)(`four Slurm nodes${reason === null ? '' : ` (${reason})`}`, () => {
  it('do one load together: exact totals, one start', async () => {
    const simulator = await startEndpoint({ shards: 4 });
    const out = new OutFolder();
    await submit(simulator, out);
    expect(await jobEnded()).toBe(0);
    const { run: made, valid, userRecords, phases } = mergedOf(out);
    expect(valid).toBe(true);
    expect(made.members?.map(({ index, status }) => [index, status])).toEqual(
      [0, 1, 2, 3].map((index) => [index, 'completed']),
    );
    expect(userRecords).toMatchObject({ offered: 6000, accepted: 6000 });
    const accepted = phases.reduce((sum, phase) => sum + phase.userRecords.accepted, 0);
    const audit = (await (await fetch(`${simulator.endpoint}/_audit`)).json()) as AuditReport;
    expect(audit.userRecords).toMatchObject({ accepted, duplicates: 0, unchecked: 0 });
    expect(made.startSkewUs).toBeLessThan(50_000);
    await simulator.close();
    out.remove();
  });

  it('lose one of them: merge names it, and the result is invalid', async () => {
    const simulator = await startEndpoint({ shards: 4 });
    const out = new OutFolder();
    await submit(simulator, out);
    const pid = await vi.waitFor(() => memberPid(out, 2), { timeout: 60_000, interval: 50 });
    process.kill(pid, 'SIGKILL');
    // The job ends as its merge does: with 4, invalid.
    expect(await jobEnded()).toBe(4);
    const { valid, invalidReasons, run: made } = mergedOf(out);
    expect(valid).toBe(false);
    expect(invalidReasons[0]).toBe('Of 4 shares 1 is missing: 2.');
    expect(made.members?.map(({ index }) => index)).toEqual([0, 1, 3]);
    const refused = await run(['merge', join(out.result, 'shares'), '--out', out.path]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('Of 4 shares 1 is missing: 2.');
    await simulator.close();
    out.remove();
  });
});
