/**
 * A run as one share of several. In: --share, --start-at, and the variables that engines set for the members of an array
 * job. Out: which share it is, when all begin, and what names the fleet. Nothing is asked of any other member.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseShare, type Share, WHOLE } from '../core/share.ts';
import { formatDurationUs } from '../core/units.ts';
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
  checkShareable(plan);
  const hash = scenarioHash(plan);
  const fleetId = sha256(`${hash} ${share.count} ${startAtUs}`).slice(0, 16);
  return { startAtUs, fleetId, scenarioHash: hash, clock: null };
}

/** @throws SHARDSTORM_CLI_USAGE for a plan that cannot be run in shares */
export function checkShareable({ load }: Plan): void {
  if (load.stopWhen === null) return;
  throw usageError(
    'load.stopWhen ends a run when its figures are precise enough, which a share cannot know of the others',
    'Remove load.stopWhen for a run in shares, or run it whole.',
  );
}

/**
 * A share on the wire needs the instant that all begin at: it is what tells one launch's shares, and their stamps, from
 * another's, and one that has passed altogether has nothing left to offer.
 * @param endUs end of the schedule, from its start
 * @throws SHARDSTORM_CLI_USAGE
 */
export function checkStart({ share, startAtUs }: Membership, endUs: number, nowMs: number): void {
  if (startAtUs === null) {
    if (share.count === 1) return;
    throw usageError(
      `share ${share.index}/${share.count} has no common start`,
      'Give every share the same one: --start-at 2026-11-23T18:30:00Z, or --start-at "$(date -d "+1 minute" +%s)" once for all.',
    );
  }
  const agoUs = nowMs * 1000 - startAtUs;
  if (agoUs <= endUs) return;
  throw usageError(
    `--start-at ${new Date(startAtUs / 1000).toISOString()} was ${formatDurationUs(agoUs)} ago, and the whole load takes ${formatDurationUs(endUs)}`,
    `Agree on a start that lies ahead of all members; this machine has it as ${clockWords(nowMs)}.`,
  );
}

function clockWords(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}

/** All shares stamp their records alike, so that they can be read back as one run's. */
export function stampIdOf(fleetId: string): readonly [number, number] {
  return [Number.parseInt(fleetId.slice(0, 8), 16), Number.parseInt(fleetId.slice(8, 16), 16)];
}

/**
 * Of everything that the plan says but its tags and the place of its file, which may differ from machine to machine. So may
 * the places of the files that it names: what is in them counts.
 */
export function scenarioHash(plan: Plan): string {
  const content = { ...plan, baseDirectory: '', tags: {} };
  return sha256(
    JSON.stringify(content, function (this: { readonly kind?: unknown }, name, value: unknown) {
      const isFile = name === 'file' && (this.kind === 'file' || this.kind === 'replay');
      return (isFile ? digestOf(resolve(plan.baseDirectory, String(value))) : null) ?? value;
    }),
  );
}

/** null: the file cannot be read, which whoever needs it will tell. */
function digestOf(path: string): string | null {
  try {
    return sha256(readFileSync(path));
  } catch {
    return null;
  }
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function shareOf(value: string, environment: CommandIo['environment']): Share {
  const auto = /^auto(?:\/(\d{1,6}))?$/.exec(value.trim());
  if (auto === null) return checked(value, `--share ${value}`, '');
  const found = engineShare(environment);
  if (found === null) {
    throw usageError(
      `--share ${value}: no engine's variables are set`,
      'Expected JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, SLURM_ARRAY_TASK_ID or SLURM_PROCID; or give --share 0/4.',
    );
  }
  const [, wanted] = auto;
  const { index, from, count = wanted ?? '?' } = found;
  if (wanted !== undefined && Number(count) !== Number(wanted)) {
    throw usageError(
      `--share ${value}: the engine runs ${count} members (${from}), not ${wanted}`,
      `Start ${wanted} members, or give --share auto: shares of other counts are other parts of the load.`,
    );
  }
  const share = `${index}/${count}`;
  return checked(share, `--share ${value} (${from})`, `, found ${share}`);
}

function checked(value: string, place: string, found: string): Share {
  const share = parseShare(value);
  if (share !== null) return share;
  throw usageError(
    `${place} is not a share; expected k/N with k from 0 to N-1${found}`,
    'The first of four shares is --share 0/4, the last --share 3/4; or --share auto inside an array job.',
  );
}

interface EngineShare {
  readonly index: string;
  /** undefined: the engine does not say. */
  readonly count: string | undefined;
  /** The variable it was taken from. */
  readonly from: string;
}

type ReadVariable = (name: string) => string | undefined;

/** What Kubernetes Indexed Jobs, AWS Batch arrays and Slurm say. A Slurm array of several tasks counts both. */
function engineShare(environment: CommandIo['environment']): EngineShare | null {
  const read: ReadVariable = (name) => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
  const given = (from: string, countIn: string) => {
    const index = read(from);
    return index === undefined ? null : { index, count: read(countIn), from };
  };
  return (
    given('JOB_COMPLETION_INDEX', 'SHARDSTORM_SHARES') ??
    given('AWS_BATCH_JOB_ARRAY_INDEX', 'AWS_BATCH_JOB_ARRAY_SIZE') ??
    slurmShare(read)
  );
}

/** Numbers of an array may begin anywhere and go by steps: `--array=5-11:2`. */
function slurmShare(read: ReadVariable): EngineShare | null {
  const array = read('SLURM_ARRAY_TASK_ID');
  const task = read('SLURM_PROCID');
  if (array === undefined && task === undefined) return null;
  const number = (name: string, otherwise: number) => Number(read(name) ?? otherwise);
  const tasks = number('SLURM_NTASKS', 1);
  const steps = number('SLURM_ARRAY_TASK_STEP', 1);
  const fromFirst =
    Number(array ?? 0) - (array === undefined ? 0 : number('SLURM_ARRAY_TASK_MIN', 0));
  const arrayCount = array === undefined ? '1' : read('SLURM_ARRAY_TASK_COUNT');
  return {
    index: String((array === undefined ? 0 : fromFirst / steps) * tasks + Number(task ?? 0)),
    count: arrayCount === undefined ? undefined : String(Number(arrayCount) * tasks),
    from: array === undefined ? 'SLURM_PROCID' : 'SLURM_ARRAY_TASK_ID',
  };
}

/** An ISO 8601 instant with its zone, or Unix seconds. */
function instantUs(value: string, nowMs: number): number {
  const isSeconds = /^@?\d{9,11}(\.\d{1,6})?$/.test(value);
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(value);
  const atMs = isSeconds ? Number(value.replace('@', '')) * 1000 : Date.parse(value);
  if ((!isSeconds && !(isInstant && isDay(value))) || Number.isNaN(atMs)) {
    throw usageError(
      `--start-at ${value} is not an instant`,
      'Give it with its zone, 2026-11-23T18:30:00Z, or in Unix seconds: --start-at "$(date -d "+1 minute" +%s)"',
    );
  }
  if (atMs - nowMs > START_AHEAD_MAX_MS) {
    throw usageError(
      `--start-at ${value} is more than a day ahead`,
      `Check its date and zone; this machine has it as ${clockWords(nowMs)}.`,
    );
  }
  return Math.round(atMs * 1000);
}

/** Whether the calendar has the day: the 31st of February is not the 3rd of March. */
function isDay(instant: string): boolean {
  const day = instant.slice(0, 10);
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
