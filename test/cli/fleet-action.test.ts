import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/cli/command.ts';
import { makeFleet } from '../../src/cli/fleet-action.ts';
import type { FleetEngine } from '../../src/cli/fleet-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'shardstorm-fleet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = {
  version: 1,
  target: { kind: 'aws', stream: 'clicks', region: 'eu-central-1' },
  load: { producers: 8, phases: [{ name: 'hold', duration: '60s', rate: '100/s' }] },
  records: { partitionKey: { kind: 'uniform' }, payload: { kind: 'random', size: '100B' } },
};
const FLAGS = { members: '4', cpus: '2', memory: '2GiB', image: 'i' };
const PLACES: Readonly<Record<FleetEngine, Readonly<Record<string, string>>>> = {
  kubernetes: { results: 's3://bucket/it(s)' },
  batch: {
    results: 's3://bucket/it(s)',
    queue: 'q',
    'role-arn': 'arn:aws:iam::123456789012:role/l',
  },
  slurm: {},
};

/** The lines that `fleet` prints for people, by their names. */
async function printed(engine: FleetEngine, out: string) {
  const scenario = join(folder, 'scenario.json');
  writeFileSync(scenario, JSON.stringify(SCENARIO));
  let text = '';
  const output = { write: (chunk: string) => (text += chunk) };
  const io = { stdout: output, stderr: output, environment: {} } as unknown as CommandIo;
  await makeFleet(engine, { ...FLAGS, ...PLACES[engine], scenario, out }, io);
  const line = (name: string) => new RegExp(`^${name} +(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    submit: line('submit'),
    watch: line('watch'),
    merge: line('merge'),
    remove: line('remove'),
  };
}

/** The words that a shell makes of a line, with its first command replaced by one that prints them. */
function wordsOf(line: string): string[] {
  const [command = ''] = line.split(' && ');
  const { stdout } = spawnSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
  return stdout.trimEnd().split('\n');
}

describe('the lines that fleet prints', () => {
  it('name a folder as it is, whatever a replacement or a shell would make of it', async () => {
    const out = join(folder, "a $$ $& b $(id) 'c'");
    const { submit, remove } = await printed('kubernetes', out);
    const [job = ''] = readdirSync(out);
    expect(wordsOf(submit)).toEqual(['kubectl', 'apply', '-f', join(out, job, 'job.yaml')]);
    expect(wordsOf(remove)).toEqual(['kubectl', 'delete', '-f', join(out, job, 'job.yaml')]);
  });

  it.each(['kubernetes', 'batch'] as const)(
    'on %s name the bucket so that a shell takes it',
    async (engine) => {
      const { merge } = await printed(engine, join(folder, engine));
      expect(wordsOf(merge).at(-2)).toMatch(/^s3:\/\/bucket\/it\(s\)\/scenario-/);
    },
  );

  it.each([
    [
      'kubernetes',
      'kubectl get pods --namespace default --selector batch.kubernetes.io/job-name=',
      'kubectl delete -f /',
    ],
    [
      'batch',
      'aws batch list-jobs --job-queue q --filters name=JOB_NAME,values=',
      'aws batch deregister-job-definition --job-definition ',
    ],
    ['slurm', 'squeue --name ', 'scancel --name '],
  ] as const)('on %s show how to watch and to remove', async (engine, watch, remove) => {
    const lines = await printed(engine, join(folder, `${engine}-lines`));
    expect(lines.watch).toContain(watch);
    expect(lines.remove).toContain(remove);
  });
});
