/** What `fleet` is told. In: flags and a scenario. Out: a job and its engine's options, checked as a member would check them. */
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { planPhases } from '../coordinate/planned-phases.ts';
import { sizeLoad } from '../coordinate/sizing.ts';
import { parseDurationUs, parseSizeBytes } from '../core/units.ts';
import {
  BATCH_MEMBERS_MIN,
  BATCH_SCENARIO_BYTES_MAX,
  type BatchOptions,
  renderBatch,
} from '../fleet/batch.ts';
import { parseBucket } from '../fleet/iam.ts';
import { type FleetJob, jobNameOf, type RenderedFleet } from '../fleet/job.ts';
import { type KubernetesOptions, renderKubernetes } from '../fleet/kubernetes.ts';
import { renderSlurm } from '../fleet/slurm.ts';
import { loadDistantScenario, loadScenario } from '../scenario/load.ts';
import { loadFilesOf } from '../scenario/load-files.ts';
import type { Plan } from '../scenario/plan.ts';
import { renderScenario } from '../scenario/render.ts';
import type { Arguments } from './command.ts';
import { usageError } from './errors.ts';
import { isOn, scenarioOverrides, text } from './flags.ts';
import { timeSourceOf } from './run-clock.ts';
import { checkShareable } from './run-member.ts';

export type FleetEngine = 'kubernetes' | 'batch' | 'slurm';

/** A fleet ready to be written. */
export interface PlannedFleet {
  readonly plan: Plan;
  readonly startAt: string;
  /** Folder that the files go to, absolute. */
  readonly folder: string;
  readonly rendered: RenderedFleet;
}

/** Of every engine: the most that an array of AWS Batch may have. */
const MEMBERS_MAX = 10_000;
const START_IN_US_MAX = 24 * 3600 * 1_000_000;
const START_IN_DEFAULT = '120s';
/** A Slurm job of one piece has all its nodes when it begins. */
const START_IN_SLURM = '20s';
/** For images to be pulled and results to be written and copied. */
const ROOM_SECONDS = 600;
/** https://kubernetes.io/docs/concepts/configuration/configmap/: 1 MiB with everything, read 2026-11-23. */
const CONFIG_MAP_BYTES_MAX = 1_000_000;

/**
 * @param id tells this job from others of the same scenario and start: letters and digits
 * @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_SCENARIO_INVALID
 */
export function planFleet(
  engine: FleetEngine,
  args: Arguments,
  nowMs: number,
  id: string,
): PlannedFleet {
  const members = wholeNumber(args, 'members', engine === 'batch' ? BATCH_MEMBERS_MIN : 1);
  const cpus = wholeNumber(args, 'cpus', 1);
  const overrides = scenarioOverrides(args);
  // Members of a cluster have its files where they are here; those in containers have files of their own.
  const load = engine === 'slurm' ? loadScenario : loadDistantScenario;
  const read = load(text(args, 'scenario') ?? '', overrides);
  // A container is told of all the machine's cores, not of its own.
  const threads =
    read.load.workers === 'auto' ? { ...overrides, workers: String(cpus) } : overrides;
  const plan = load(text(args, 'scenario') ?? '', threads);
  checkPlan(plan, members);
  const isOneSlurmJob = engine === 'slurm' && !isOn(args, 'array');
  const startInUs = startInOf(args, isOneSlurmJob ? START_IN_SLURM : START_IN_DEFAULT);
  const startAt = new Date(Math.ceil((nowMs + startInUs / 1000) / 1000) * 1000).toISOString();
  const job: FleetJob = {
    name: plan.name,
    id,
    members,
    scenarioYaml: renderScenario(plan),
    startAt,
    deadlineSeconds: deadlineSeconds(plan, startInUs),
    cpus,
    memoryMib: memoryMib(args),
    timeSource: timeSourceOf(args)?.url ?? null,
    stream: streamOf(plan),
  };
  const folder = resolve(text(args, 'out') ?? 'fleet/', jobNameOf(job));
  const rendered = render(engine, job, args, { folder, startInUs });
  return { plan, startAt, folder, rendered };
}

/** What a member would refuse is refused here, before anything is submitted. */
function checkPlan(plan: Plan, members: number): void {
  checkShareable(plan);
  sizeLoad(plan, { index: 0, count: members });
  if (plan.target.kind === 'simulator') {
    throw usageError(
      'members of a fleet would each have an embedded simulator, and so a stream, of their own',
      'Start one that all can reach, `shardstorm simulate --host 0.0.0.0`, and give its URL with --target.',
    );
  }
  const files = loadFilesOf(plan);
  const file = files.find((path) => !isAbsolute(path));
  if (file !== undefined) {
    throw usageError(
      `the scenario reads ${file}, which members do not have beside their copy of it`,
      'Give its absolute path, and put it there on every member: into the image, or on a shared file system.',
    );
  }
  if (files.every((path) => existsSync(path))) planPhases(plan);
}

function render(
  engine: FleetEngine,
  job: FleetJob,
  args: Arguments,
  { folder, startInUs }: { readonly folder: string; readonly startInUs: number },
): RenderedFleet {
  switch (engine) {
    case 'kubernetes':
      return renderKubernetes(job, kubernetesOptions(job, args));
    case 'batch':
      return renderBatch(job, batchOptions(job, args));
    case 'slurm':
      return renderSlurm(job, {
        folder: slurmFolder(folder),
        program: text(args, 'program')?.split(' ') ?? ownProgram(),
        form: isOn(args, 'array') ? 'array' : 'srun',
        startInSeconds: Math.ceil(startInUs / 1_000_000),
        partition: named(args, 'partition', PARTITION, 'load or load,batch'),
      });
  }
}

function kubernetesOptions(job: FleetJob, args: Arguments): KubernetesOptions {
  checkSize(job, CONFIG_MAP_BYTES_MAX, 'a ConfigMap');
  const given = needed(args, 'results', 'pvc:my-claim or s3://bucket/prefix');
  const [, claim] = /^pvc:([a-z0-9]([a-z0-9.-]*[a-z0-9])?)$/.exec(given) ?? [];
  return {
    image: needed(args, 'image', 'registry.example/shardstorm:0.1.0'),
    namespace: named(args, 'namespace', NAMESPACE, 'load-tests') ?? 'default',
    roleArn: roleArnOf(args),
    results:
      claim === undefined
        ? bucketResults(given, args, 'pvc:CLAIM or s3://bucket/prefix')
        : { kind: 'claim', claim },
  };
}

function batchOptions(job: FleetJob, args: Arguments): BatchOptions {
  checkSize(job, BATCH_SCENARIO_BYTES_MAX, 'a job definition of AWS Batch');
  const given = needed(args, 'results', 's3://bucket/prefix or efs:fs-0123456789abcdef0');
  const [, id] = /^efs:(fs-[0-9a-f]{8,40})$/.exec(given) ?? [];
  return {
    image: needed(args, 'image', '123456789012.dkr.ecr.us-east-1.amazonaws.com/shardstorm:0.1.0'),
    queue: named(args, 'queue', QUEUE, 'my-queue') ?? needed(args, 'queue', 'my-queue'),
    jobRoleArn:
      roleArnOf(args) ?? needed(args, 'role-arn', 'arn:aws:iam::123456789012:role/shardstorm'),
    results:
      id === undefined
        ? bucketResults(given, args, 's3://bucket/prefix or efs:FILE_SYSTEM_ID')
        : { kind: 'fileSystem', id },
  };
}

/** Names of partitions, several with commas. */
const PARTITION = /^\w[\w.+,-]*$/;
/** A label of DNS. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** A name, or the ARN of a queue. */
const QUEUE = /^[\w-]+$|^arn:aws[\w-]*:batch:[\w-]+:\d{12}:job-queue\/[\w-]+$/;

/** A name as its engine allows it: it stands in scripts and command lines. null: not given */
function named(args: Arguments, name: string, form: RegExp, example: string): string | null {
  const given = text(args, name);
  if (given === undefined || form.test(given)) return given ?? null;
  throw usageError(`--${name} ${JSON.stringify(given)} is no name`, `Such as ${example}.`);
}

/** What sbatch reads in a file name or a script otherwise than it stands. */
function slurmFolder(folder: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  const [found] = /[%"\\\u0000-\u001f\u007f]/.exec(folder) ?? [];
  if (found === undefined) return folder;
  throw usageError(
    `sbatch cannot write into ${JSON.stringify(folder)}: ${JSON.stringify(found)} means something else to it`,
    'Give another folder with --out.',
  );
}

function bucketResults(given: string, args: Arguments, expected: string) {
  const place = parseBucket(given);
  if (place === null) throw usageError(`--results ${given} is not ${expected}`, 'Check its form.');
  return { kind: 'bucket', place, uploadImage: text(args, 'upload-image') ?? '' } as const;
}

function roleArnOf(args: Arguments): string | null {
  const arn = text(args, 'role-arn');
  if (arn === undefined) return null;
  if (/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) return arn;
  throw usageError(
    `--role-arn ${arn} is no role`,
    'Such as arn:aws:iam::123456789012:role/shardstorm.',
  );
}

function checkSize({ scenarioYaml }: FleetJob, bytesMax: number, place: string): void {
  const bytes = Buffer.byteLength(scenarioYaml);
  if (bytes <= bytesMax) return;
  throw usageError(
    `the scenario has ${bytes} bytes, and ${place} holds at most ${bytesMax}`,
    'Move long lists and templates into files of the image.',
  );
}

/** This very program: members on a shared file system have it at the same path. */
function ownProgram(): readonly string[] {
  return [process.execPath, join(import.meta.dirname, 'main.js')];
}

function streamOf({ target }: Plan): FleetJob['stream'] {
  if (target.kind !== 'aws') return null;
  return { name: target.stream, region: target.region, isCreated: target.create !== null };
}

function deadlineSeconds(plan: Plan, startInUs: number): number {
  const endUs = plan.load.phases.reduce((sum, { durationUs }) => sum + durationUs, 0);
  return Math.ceil((startInUs + endUs + plan.load.drainUs) / 1_000_000) + ROOM_SECONDS;
}

function startInOf(args: Arguments, otherwise: string): number {
  const given = text(args, 'start-in') ?? otherwise;
  const us = parseDurationUs(given);
  if (us !== null && us > 0 && us <= START_IN_US_MAX) return us;
  throw usageError(
    `--start-in ${given} is not a time between now and a day ahead`,
    'Such as --start-in 120s: long enough for every member to be placed.',
  );
}

function memoryMib(args: Arguments): number {
  const given = text(args, 'memory') ?? '';
  const bytes = parseSizeBytes(given);
  if (bytes === null || bytes < 256 * 1024 * 1024) {
    throw usageError(`--memory ${given} is less than 256MiB or no size`, 'Such as --memory 2GiB.');
  }
  return Math.floor(bytes / 1024 / 1024);
}

function wholeNumber(args: Arguments, name: string, min: number): number {
  const given = text(args, name) ?? '';
  const value = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (value < min || value > MEMBERS_MAX) throw outside(name, given, min);
  return value;
}

function outside(name: string, given: string, min = 1): Error {
  return usageError(
    `--${name} ${given} is not a whole number from ${min} to ${MEMBERS_MAX}`,
    `Such as --${name} 8.`,
  );
}

function needed(args: Arguments, name: string, example: string): string {
  const value = text(args, name);
  if (value !== undefined && value !== '') return value;
  throw usageError(`--${name} is missing`, `Such as --${name} ${example}.`);
}
