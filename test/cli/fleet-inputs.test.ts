import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Arguments } from '../../src/cli/command.ts';
import { type FleetEngine, planFleet } from '../../src/cli/fleet-inputs.ts';

const NOW_MS = Date.parse('2026-11-23T18:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'shardstorm-fleet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = {
  version: 1,
  target: { kind: 'aws', stream: 'clicks', region: 'eu-central-1' },
  load: {
    producers: 8,
    phases: [
      { name: 'warm-up', duration: '10s', rate: '100/s', measure: false },
      { name: 'hold', duration: '60s', rate: '100/s' },
    ],
    drain: '30s',
  },
  records: { partitionKey: { kind: 'uniform' }, payload: { kind: 'random', size: '100B' } },
};

function scenario(name: string, changes: object = {}): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...SCENARIO, ...changes }));
  return path;
}

const FLAGS = {
  members: '4',
  cpus: '2',
  memory: '2GiB',
  out: folder,
  image: 'i',
  results: 'pvc:r',
};
const BATCH = {
  ...FLAGS,
  results: 's3://bucket/runs',
  queue: 'q',
  'role-arn': 'arn:aws:iam::123456789012:role/load',
};

const plan = (engine: FleetEngine, args: Arguments) =>
  planFleet(engine, { ...(engine === 'batch' ? BATCH : FLAGS), ...args }, NOW_MS, 'a1b2c3');

function fileOf({ rendered }: ReturnType<typeof plan>, name: string): string {
  const file = rendered.files.find((each) => each.name === name);
  if (file === undefined) throw new Error(`no ${name}`);
  return file.content;
}

const job = (args: Arguments) =>
  parseAllDocuments(fileOf(plan('kubernetes', args), 'job.yaml')).map((each) => each.toJS());

/** What a member may do at the stream. */
const actions = (args: Arguments) =>
  JSON.parse(fileOf(plan('batch', args), 'iam-policy.json')).Statement[0].Action as string[];

describe('a fleet, as it is planned', () => {
  it('has the members, the cores, the memory and the time that it needs', () => {
    const [, , { spec }] = job({ scenario: scenario('plain') });
    expect(spec.completions).toBe(4);
    // Two minutes until the start, 70 s of load, 30 s of drain, ten minutes for images and results.
    expect(spec.activeDeadlineSeconds).toBe(120 + 70 + 30 + 600);
    const [load] = spec.template.spec.containers;
    expect(load.resources.limits).toEqual({ cpu: '2', memory: '2048Mi' });
    expect(load.args).toContain('2026-11-23T18:02:00.000Z');
    expect(spec.template.spec.volumes[1].persistentVolumeClaim.claimName).toBe('r');
  });

  it('has a thread for each core, unless the scenario says how many', () => {
    const workers = (args: Arguments) => job(args)[0].data['scenario.yaml'].match(/workers: (.*)/);
    expect(workers({ scenario: scenario('plain') })?.[1]).toBe('2');
    const stated = { load: { ...SCENARIO.load, workers: 1 } };
    expect(workers({ scenario: scenario('stated', stated) })?.[1]).toBe('1');
  });

  it('may write its stream, and make it only where the scenario does', () => {
    expect(actions({ scenario: scenario('plain') })).toContain('kinesis:PutRecords');
    expect(actions({ scenario: scenario('plain') })).not.toContain('kinesis:CreateStream');
    const target = { ...SCENARIO.target, create: { shards: 2 } };
    expect(actions({ scenario: scenario('made', { target }) })).toContain('kinesis:CreateStream');
  });

  it('asks for no rights at AWS where the target is not there', () => {
    const files = plan('kubernetes', {
      scenario: scenario('plain'),
      target: 'http://10.0.0.1:4567',
    }).rendered.files.map(({ name }) => name);
    expect(files).toEqual(['job.yaml']);
  });

  it.each<[string, FleetEngine, object, Arguments, RegExp]>([
    [
      'the embedded simulator',
      'kubernetes',
      { target: { kind: 'simulator' } },
      {},
      /simulator, and so a stream, of their own/,
    ],
    [
      'a stop when figures are precise',
      'slurm',
      { load: { ...SCENARIO.load, stopWhen: { metric: 'response.p99', halfWidth: '5%' } } },
      {},
      /stopWhen/,
    ],
    ['more members than producers', 'slurm', {}, { members: '9' }, /load\.producers is 8/],
    ['one member of an array', 'batch', {}, { members: '1' }, /from 2 to 10000/],
    ['too many members', 'batch', {}, { members: '10001' }, /from 2 to 10000/],
    ['too little memory', 'slurm', {}, { memory: '100MiB' }, /256MiB/],
    ['a claim by another name', 'kubernetes', {}, { results: 'claim:r' }, /pvc:CLAIM/],
    ['no image', 'kubernetes', {}, { image: undefined }, /--image is missing/],
    ['a start in the past', 'slurm', {}, { 'start-in': '0s' }, /--start-in/],
    ['no role', 'batch', {}, { 'role-arn': 'load' }, /--role-arn load is no role/],
    [
      'a scenario that a definition of a job cannot hold',
      'batch',
      {
        records: {
          ...SCENARIO.records,
          payload: { kind: 'json', template: { text: 'x'.repeat(15_000) } },
        },
      },
      {},
      /holds at most 14336/,
    ],
  ])('is refused with %s', (name, engine, changes, args, message) => {
    const path = scenario(name.replaceAll(' ', '-'), changes);
    expect(() => plan(engine, { ...args, scenario: path })).toThrow(message);
  });
});

describe('the files that a scenario reads', () => {
  const reads = (name: string, file: string) =>
    scenario(name, {
      records: { partitionKey: { kind: 'uniform' }, payload: { kind: 'file', file } },
    });
  writeFileSync(join(folder, 'rows.ndjson'), '{"a":1}\n');

  it.each(['kubernetes', 'batch'] as const)(
    'on %s are refused where the scenario names them by a relative path',
    (engine) => {
      const path = reads('relative', 'rows.ndjson');
      expect(() => plan(engine, { scenario: path })).toThrow(/reads rows\.ndjson, which members/);
    },
  );

  it('in containers are their own: an absolute path stays, whatever is here', () => {
    const [config] = job({ scenario: reads('absolute', '/data/rows.ndjson') });
    expect(config.data['scenario.yaml']).toContain('file: /data/rows.ndjson');
  });

  it('on a cluster are where they are here', () => {
    const yaml = fileOf(
      plan('slurm', { scenario: reads('shared', 'rows.ndjson') }),
      'scenario.yaml',
    );
    expect(yaml).toContain(`file: ${join(folder, 'rows.ndjson')}`);
    const missing = reads('missing', '/data/rows.ndjson');
    expect(() => plan('slurm', { scenario: missing })).toThrow(/no such file/);
  });

  it('are tried before anything is submitted, where they can be', () => {
    writeFileSync(join(folder, 'empty.ndjson'), '');
    const path = reads('empty', join(folder, 'empty.ndjson'));
    expect(() => plan('kubernetes', { scenario: path })).toThrow(/empty\.ndjson/);
  });
});

describe('words that stand in scripts', () => {
  it.each([
    ['slurm', 'partition', 'p\n#SBATCH --wrap=id', 'load or load,batch'],
    ['slurm', 'partition', 'a b', 'load or load,batch'],
    ['kubernetes', 'namespace', 'a; id', 'load-tests'],
    ['kubernetes', 'namespace', 'Upper', 'load-tests'],
    ['batch', 'queue', '$(id)', 'my-queue'],
  ] as const)('on %s a --%s of %j is refused', (engine, flag, value, hint) => {
    const words = { scenario: scenario('plain'), [flag]: value };
    expect(() => plan(engine, words)).toThrow(
      expect.objectContaining({
        message: `--${flag} ${JSON.stringify(value)} is no name`,
        hint: `Such as ${hint}.`,
      }),
    );
  });

  it.each(['a%j', 'a"b', 'a\\b', 'a\nb'])('sbatch is not given the folder %j', (name) => {
    const words = { scenario: scenario('plain'), out: join(folder, name) };
    expect(() => plan('slurm', words)).toThrow(/means something else/);
  });

  it('a folder with blanks and dollars reaches sbatch as it is', () => {
    const out = join(folder, "a b $& 'c'");
    const script = fileOf(plan('slurm', { scenario: scenario('plain'), out }), 'job.sbatch');
    expect(script).toContain(`#SBATCH --output="${out}/`);
  });

  it.each([
    ['slurm', { partition: 'load,batch' }],
    ['kubernetes', { namespace: 'load-tests' }],
    ['batch', { queue: 'arn:aws:batch:eu-central-1:123456789012:job-queue/load' }],
  ] as const)('on %s %j is a name', (engine, words) => {
    expect(() => plan(engine, { scenario: scenario('plain'), ...words })).not.toThrow();
  });
});
