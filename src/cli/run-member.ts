/**
 * A run as one share of several. In: --share, --start-at, and the variables that engines set for the members of an array
 * job. Out: which share it is, when all begin, and what names the fleet. Nothing is asked of any other member.
 */
import { createHash } from 'node:crypto';
import { parseShare, type Share, WHOLE } from '../core/share.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Arguments, CommandIo } from './command.ts';
import { usageError } from './errors.ts';
import { text } from './flags.ts';
import type { Member } from './run-setup.ts';

/** A start further ahead than this is a typing mistake. */
const START_AHEAD_MAX_MS = 24 * 3600 * 1000;

/** What --share and --start-at say. */
export interface Membership {
  readonly share: Share;
  /** Unix microseconds; null: not given. */
  readonly startAtUs: number | null;
}

/** @throws SHARDSTORM_CLI_USAGE */
export function membershipOf(
  args: Arguments,
  { environment }: Pick<CommandIo, 'environment'>,
  nowMs = Date.now(),
): Membership {
  const share = text(args, 'share');
  const startAt = text(args, 'start-at');
  return {
    share: share === undefined ? WHOLE : shareOf(share, environment),
    startAtUs: startAt === undefined ? null : instantUs(startAt, nowMs),
  };
}

/**
 * The fleet that a share belongs to; null for a run that is whole.
 * @throws SHARDSTORM_CLI_USAGE for what shares cannot do
 */
export function memberOf(plan: Plan, { share, startAtUs }: Membership): Member | null {
  if (share.count === 1 && startAtUs === null) return null;
  if (plan.load.stopWhen !== null) {
    throw usageError(
      'load.stopWhen ends a run when its figures are precise enough, which a share cannot know of the others',
      'Remove load.stopWhen for a run in shares, or run it whole.',
    );
  }
  const fleet = `${scenarioHash(plan)} ${share.count} ${startAtUs}`;
  return { startAtUs, fleetId: sha256(fleet).slice(0, 16), clock: null };
}

/** All shares stamp their records alike, so that they can be read back as one run's. */
export function stampIdOf(fleetId: string): readonly [number, number] {
  return [Number.parseInt(fleetId.slice(0, 8), 16), Number.parseInt(fleetId.slice(8, 16), 16)];
}

/** Of everything that the plan says but its tags and the place of its file, which may differ from machine to machine. */
export function scenarioHash(plan: Plan): string {
  return sha256(JSON.stringify({ ...plan, baseDirectory: '', tags: {} }));
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function shareOf(value: string, environment: CommandIo['environment']): Share {
  const [, wanted] = /^auto(?:\/(\d{1,6}))?$/.exec(value.trim()) ?? [];
  if (!value.trim().startsWith('auto')) return checked(value, `--share ${value}`);
  const found = engineShare(environment, wanted);
  if (found === null) {
    throw usageError(
      `--share ${value}: no engine's variables are set`,
      'Expected JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, SLURM_ARRAY_TASK_ID or SLURM_PROCID; or give --share 0/4.',
    );
  }
  return checked(`${found.index}/${found.count}`, `--share ${value} (${found.from})`);
}

function checked(value: string, place: string): Share {
  const share = parseShare(value);
  if (share !== null) return share;
  throw usageError(
    `${place} is not a share; expected k/N with k from 0 to N-1${value === place.slice(8) ? '' : `, found ${value}`}`,
    'The first of four shares is --share 0/4, the last --share 3/4; or --share auto inside an array job.',
  );
}

interface EngineShare {
  readonly index: string;
  readonly count: string;
  /** The variables it was taken from. */
  readonly from: string;
}

/** What Kubernetes Indexed Jobs, AWS Batch arrays and Slurm say. A Slurm array of several tasks counts both. */
function engineShare(
  environment: CommandIo['environment'],
  wantedCount: string | undefined,
): EngineShare | null {
  const read = (name: string) => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
  const given = (index: string | undefined, count: string | undefined, from: string) =>
    index === undefined ? null : { index, count: wantedCount ?? count ?? '?', from };
  return (
    given(read('JOB_COMPLETION_INDEX'), read('SHARDSTORM_SHARES'), 'JOB_COMPLETION_INDEX') ??
    given(
      read('AWS_BATCH_JOB_ARRAY_INDEX'),
      read('AWS_BATCH_JOB_ARRAY_SIZE'),
      'AWS_BATCH_JOB_ARRAY_INDEX',
    ) ??
    slurmShare(read, wantedCount)
  );
}

function slurmShare(
  read: (name: string) => string | undefined,
  wantedCount: string | undefined,
): EngineShare | null {
  const array = read('SLURM_ARRAY_TASK_ID');
  const task = read('SLURM_PROCID');
  if (array === undefined && task === undefined) return null;
  const tasks = Number(read('SLURM_NTASKS') ?? 1);
  const first = Number(read('SLURM_ARRAY_TASK_MIN') ?? 0);
  const arrayIndex = array === undefined ? 0 : Number(array) - first;
  const arrayCount = array === undefined ? 1 : Number(read('SLURM_ARRAY_TASK_COUNT') ?? 'NaN');
  return {
    index: String(arrayIndex * tasks + Number(task ?? 0)),
    count: wantedCount ?? String(arrayCount * tasks),
    from: array === undefined ? 'SLURM_PROCID' : 'SLURM_ARRAY_TASK_ID',
  };
}

/** An ISO 8601 instant with its zone, or Unix seconds. */
function instantUs(value: string, nowMs: number): number {
  const isSeconds = /^@?\d{9,11}(\.\d{1,6})?$/.test(value);
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(value);
  const atMs = isSeconds ? Number(value.replace('@', '')) * 1000 : Date.parse(value);
  if ((!isSeconds && !isInstant) || Number.isNaN(atMs)) {
    throw usageError(
      `--start-at ${value} is not an instant`,
      'Give it with its zone, 2026-11-23T18:30:00Z, or in Unix seconds: --start-at "$(date -d "+1 minute" +%s)"',
    );
  }
  if (atMs - nowMs > START_AHEAD_MAX_MS) {
    throw usageError(
      `--start-at ${value} is more than a day ahead`,
      'Check its date and zone; this machine has it as ' +
        `${new Date(nowMs).toISOString().slice(0, 19)}Z.`,
    );
  }
  return Math.round(atMs * 1000);
}
