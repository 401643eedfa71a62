import { spawnSync } from 'node:child_process';
import * as batchModel from '@aws-sdk/client-batch';
import fc from 'fast-check';
import { validate as isJob } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job';
import { validate as isConfigMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap';
import { validate as isServiceAccount } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type BatchOptions, renderBatch } from '../../src/fleet/batch.ts';
import { parseBucket } from '../../src/fleet/iam.ts';
import { type FleetJob, jobNameOf, type RenderedFleet, shellWord } from '../../src/fleet/job.ts';
import { type KubernetesOptions, renderKubernetes } from '../../src/fleet/kubernetes.ts';
import { renderSlurm, type SlurmOptions } from '../../src/fleet/slurm.ts';
import { strangersOf } from './strangers.ts';

const JOB: FleetJob = {
  name: 'Click stream, peak',
  id: 'a1b2c3',
  members: 4,
  scenarioYaml: 'version: 1\nname: "Click stream, peak"\n',
  startAt: '2026-11-23T18:30:00.000Z',
  deadlineSeconds: 900,
  cpus: 2,
  memoryMib: 2048,
  timeSource: 'ntp://169.254.169.123',
  stream: { name: 'clicks', region: 'eu-central-1', isCreated: false },
};
const PLACE = { bucket: 'my-results', prefix: 'load/runs' };
const BUCKET = { kind: 'bucket', place: PLACE, uploadImage: 'aws-cli:2' } as const;
const KUBERNETES: KubernetesOptions = {
  image: 'registry.example/shardstorm:0.1.0',
  namespace: 'load',
  roleArn: 'arn:aws:iam::123456789012:role/shardstorm',
  results: BUCKET,
};
const BATCH: BatchOptions = {
  image: 'registry.example/shardstorm:0.1.0',
  queue: 'load',
  jobRoleArn: 'arn:aws:iam::123456789012:role/shardstorm',
  results: BUCKET,
};
const SLURM: SlurmOptions = {
  folder: '/shared/load tests/click',
  program: ['shardstorm'],
  form: 'srun',
  startInSeconds: 20,
  partition: null,
};

function fileOf({ files }: RenderedFleet, name: string): string {
  const file = files.find((each) => each.name === name);
  if (file === undefined) throw new Error(`no ${name}`);
  return file.content;
}

/** What is in data and not in the shape that a client of AWS knows; the shapes are those of the SDK's Smithy model. */
function strangers(shape: unknown, value: unknown, place: string): string[] {
  const resolved = typeof shape === 'function' ? shape() : shape;
  if (typeof resolved === 'number') {
    const isList = (resolved & 64) !== 0;
    if (isList !== Array.isArray(value)) return [`${place} is ${JSON.stringify(value)}`];
    if (isList || (resolved & 128) !== 0) return [];
    const type = ['string', 'number', 'boolean'][resolved];
    return typeof value === type ? [] : [`${place} is no ${type}`];
  }
  const [kind, , name, , names, types, required = 0] = resolved as [
    number,
    string,
    string,
    unknown,
    unknown,
    unknown[],
    number?,
  ];
  if (kind === 1) {
    if (!Array.isArray(value)) return [`${place} is no list`];
    return value.flatMap((item, i) => strangers(names, item, `${place}[${i}]`));
  }
  const members = names as string[];
  const given = Object.entries(value as object);
  const missing = members.slice(0, required).filter((member) => !(member in (value as object)));
  return [
    ...missing.map((member) => `${place}.${member} is missing`),
    ...given.flatMap(([member, content]) => {
      const index = members.indexOf(member);
      if (index < 0) return [`${name} has no ${member}, at ${place}`];
      return strangers(types[index], content, `${place}.${member}`);
    }),
  ];
}

describe('a fleet on Kubernetes', () => {
  const manifests = (options: KubernetesOptions, job = JOB) =>
    parseAllDocuments(fileOf(renderKubernetes(job, options), 'job.yaml')).map((each) =>
      each.toJS(),
    );

  it.each<[string, KubernetesOptions]>([
    ['with results in S3', KUBERNETES],
    [
      'with results on a claim',
      { ...KUBERNETES, roleArn: null, results: { kind: 'claim', claim: 'results' } },
    ],
  ])('%s is valid by the published schemas, which know all that it says', (_, options) => {
    const [config, account, job] = manifests(options);
    expect(strangersOf(isConfigMap, config)).toEqual([]);
    expect(strangersOf(isServiceAccount, account)).toEqual([]);
    expect(strangersOf(isJob, job)).toEqual([]);
    const { template } = job.spec;
    const misspelt = { ...job.spec, backofLimitPerIndex: 0, template };
    expect(strangersOf(isJob, { ...job, spec: misspelt })).toEqual(['spec.backofLimitPerIndex']);
    const deep = { ...template, spec: { ...template.spec, restartPolitik: 'Never' } };
    const spec = { ...job.spec, template: deep };
    expect(strangersOf(isJob, { ...job, spec })).toEqual(['spec.template.spec.restartPolitik']);
    expect(() =>
      strangersOf(isJob, { ...job, spec: { ...job.spec, completions: 'four' } }),
    ).toThrow();
  });

  it('is the manifest that was looked at', async () => {
    const rendered = renderKubernetes(JOB, KUBERNETES);
    await expect(fileOf(rendered, 'job.yaml')).toMatchFileSnapshot('golden/kubernetes-s3.yaml');
    await expect(fileOf(rendered, 'iam-policy.json')).toMatchFileSnapshot(
      'golden/iam-policy.json.txt',
    );
    const claim = { ...KUBERNETES, results: { kind: 'claim', claim: 'results' } } as const;
    await expect(fileOf(renderKubernetes(JOB, claim), 'job.yaml')).toMatchFileSnapshot(
      'golden/kubernetes-claim.yaml',
    );
  });

  it('may do nothing but its work', () => {
    const [, account, { spec }] = manifests(KUBERNETES);
    expect(account.automountServiceAccountToken).toBe(false);
    const pod = spec.template.spec;
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext.runAsNonRoot).toBe(true);
    for (const { securityContext, resources } of [...pod.initContainers, ...pod.containers]) {
      expect(securityContext.readOnlyRootFilesystem).toBe(true);
      expect(securityContext.capabilities.drop).toEqual(['ALL']);
      expect(resources.requests).toEqual(resources.limits);
    }
  });

  it('never runs a share twice, nor ends the others with one that failed', () => {
    const [, , { spec }] = manifests(KUBERNETES);
    expect(spec).toMatchObject({
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 4,
      completions: 4,
      parallelism: 4,
    });
    expect(spec.template.spec.restartPolicy).toBe('Never');
  });
});

describe('a fleet on AWS Batch', () => {
  const definition = (results: BatchOptions['results']) =>
    JSON.parse(fileOf(renderBatch(JOB, { ...BATCH, results }), 'job-definition.json'));

  it.each<[string, BatchOptions['results']]>([
    ['S3', BUCKET],
    ['a file system', { kind: 'fileSystem', id: 'fs-0123456789abcdef0' }],
  ])('with results in %s is a request that the service knows', (_, results) => {
    const shape = batchModel.RegisterJobDefinitionRequest$;
    expect(strangers(shape, definition(results), 'definition')).toEqual([]);
    const wrong = { ...definition(results), timeout: { attemptSeconds: 3 } };
    expect(strangers(shape, wrong, 'definition')).toEqual([
      'JobTimeout has no attemptSeconds, at definition.timeout',
    ]);
  });

  it('is the definition that was looked at, with the scenario in it', async () => {
    const text = fileOf(renderBatch(JOB, BATCH), 'job-definition.json');
    await expect(text).toMatchFileSnapshot('golden/batch-s3.json.txt');
    const [load] = JSON.parse(text).ecsProperties.taskProperties[0].containers;
    const [{ value }] = load.environment;
    expect(Buffer.from(value, 'base64').toString()).toBe(JOB.scenarioYaml);
  });

  it('allows the stream and the place of its results, and nothing else', () => {
    const policy = JSON.parse(fileOf(renderBatch(JOB, BATCH), 'iam-policy.json'));
    expect(policy.Statement.map((each: { Resource: string }) => each.Resource)).toEqual([
      'arn:aws:kinesis:eu-central-1:*:stream/clicks',
      'arn:aws:s3:::my-results/load/runs/*',
    ]);
    expect(JSON.stringify(policy)).not.toMatch(/"\*"|:\*"/);
  });
});

describe('a fleet on Slurm', () => {
  it.each(['srun', 'array'] as const)('%s: a script that bash reads', async (form) => {
    const script = fileOf(renderSlurm(JOB, { ...SLURM, form }), 'job.sbatch');
    const checked = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
    await expect(script).toMatchFileSnapshot(`golden/slurm-${form}.sbatch`);
  });

  it('an array is told its start when it is submitted, one job finds it when it has its nodes', () => {
    expect(renderSlurm(JOB, { ...SLURM, form: 'array' }).submit[0]).toContain(
      '--export=ALL,SHARDSTORM_START_AT=2026-11-23T18:30:00.000Z',
    );
    expect(renderSlurm(JOB, SLURM).submit).toEqual([['sbatch', '{dir}/job.sbatch']]);
  });
});

describe('names', () => {
  it('of jobs are labels of DNS that leave room for an index, whatever the scenario is called', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 0, maxLength: 200 }), (name) => {
        const jobName = jobNameOf({ ...JOB, name });
        expect(jobName).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?$/);
        expect(jobName.length).toBeLessThanOrEqual(52);
      }),
    );
  });

  it('of two jobs of one scenario that start in the same second differ', () => {
    const names = ['a1b2c3', 'a1b2c4'].map((id) => jobNameOf({ ...JOB, name: 'x'.repeat(99), id }));
    expect(new Set(names).size).toBe(2);
  });

  it('reach a program through a shell as they are', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')),
        (word) => {
          const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellWord(word)}`], {
            encoding: 'utf8',
          });
          expect(stdout).toBe(word);
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each(['s3://', 's3://ab', 'http://bucket', 's3://Bucket/x', 's3://bucket/$(x)'])(
    '%s is no place in S3',
    (text) => {
      expect(parseBucket(text)).toBeNull();
    },
  );
});
