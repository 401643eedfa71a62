import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatCount, formatDurationUs } from '../core/units.ts';
import { renderTerminalVerification } from '../report/terminal/verification.ts';
import type { Delivery } from '../results/delivery.ts';
import { RESULT_FILES } from '../results/folder.ts';
import { readResult } from '../results/read.ts';
import type { Summary } from '../results/summary.ts';
import { type Verification, verifySummary } from '../results/verification.ts';
import {
  readCheckpoint,
  readDelivery,
  removeCheckpoint,
  writeCheckpoint,
  writeVerification,
} from '../results/verification-files.ts';
import { loadDistantScenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import type { TargetAddress } from '../transport/target-address.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, text, usesColor } from './flags.ts';
import { listenForInterrupts } from './interrupts.ts';
import { renderPage } from './report-action.ts';
import { VerificationJob, verifiedSummary } from './verification-job.ts';
import { expectationOf } from './verify-expectation.ts';
import { parseFailOn, verifyExitCode } from './verify-fail-on.ts';

const CHECKPOINT_MS = 30_000;
const PROGRESS_MS = 1_000;

export async function verifyResult(args: Arguments, io: CommandIo): Promise<number> {
  const failOn = parseFailOn(text(args, 'fail-on') ?? 'lost,damaged');
  const method = methodOf(args);
  const result = readResult(text(args, 'result') ?? '');
  const { path, summary } = result;
  refuseShare(path);
  const delivery = readDelivery(path);
  const expectation = expectationOf(delivery, summary);
  const plan = loadDistantScenario(join(path, 'scenario.yaml'));
  checkStamps(plan);
  const note = (sentence: string) => {
    if (!isOn(args, 'quiet')) io.stderr.write(`note: ${sentence}\n`);
  };
  const progress = progressLine(args, io, path);
  const job = await VerificationJob.open({
    runId: summary.run.id,
    plan,
    producers: summary.run.producers,
    stampId: stampIdOf(delivery),
    originEpochUs: delivery.originEpochUs,
    windows: measuredWindows(summary),
    address: addressOf(args, plan, summary),
    stream: plan.target.stream,
    method,
    when: 'after',
    onProgress: progress,
    onNote: note,
  });
  const checkpoint = isOn(args, 'restart') ? null : readCheckpoint(path);
  if (checkpoint !== null && job.restore(checkpoint)) {
    note(`going on after ${formatCount(job.userRecordsRead)} user records; --restart begins anew`);
  }
  job.end();
  const interrupts = listenForInterrupts(() => job.interrupt());
  let isComplete = false;
  try {
    isComplete = await job.read();
  } finally {
    interrupts.release();
    if (!isComplete) writeCheckpoint(path, job.save());
  }
  const verification = job.report(expectation, {
    isComplete,
    problem: '',
    forgotten: 0,
  });
  if (!isComplete) {
    io.stderr.write('stopped; the same command goes on from here\n');
    return interrupts.exitCode() ?? EXIT.interrupted;
  }
  const verified = verifiedSummary(summary, verification, plan);
  writeVerification(
    path,
    verification,
    verified,
    renderPage({ ...result, summary: verified }, verification),
  );
  removeCheckpoint(path);
  print(verification, args, io);
  return verifyExitCode(verifySummary(verification), failOn);
}

/** Measured phases, microseconds since the run's origin. */
function measuredWindows({ phases }: Pick<Summary, 'phases'>) {
  return phases
    .filter(({ measured }) => measured)
    .map(({ startMs, durationMs }) => ({
      startUs: startMs * 1000,
      endUs: (startMs + durationMs) * 1000,
    }));
}

/** The stream holds the other shares' records too, and only all of them together can be accounted for. */
function refuseShare(path: string): void {
  if (!existsSync(join(path, RESULT_FILES.share))) return;
  throw usageError(
    `${path} is one share of a run`,
    'Merge the shares (shardstorm merge), then verify the merged result.',
  );
}

/** @throws SHARDSTORM_CLI_USAGE when nothing tells the run's records apart */
function checkStamps(plan: Plan): void {
  if (plan.records.every(({ stamp }) => stamp)) return;
  throw usageError(
    'the records of this run carry no stamps, so nothing tells them apart',
    'Set records.stamp: true (of every kind of record) and run again.',
  );
}

function methodOf(args: Arguments): 'polling' | 'fan-out' {
  const method = text(args, 'method') ?? 'polling';
  if (method === 'polling' || method === 'fan-out') return method;
  throw usageError(`--method ${JSON.stringify(method)} is not known`, 'Use polling or fan-out.');
}

function stampIdOf({ stampRunId }: Delivery): readonly [number, number] {
  return [Number.parseInt(stampRunId.slice(0, 8), 16), Number.parseInt(stampRunId.slice(8), 16)];
}

/** @throws SHARDSTORM_CLI_USAGE for a target that is gone */
function addressOf(args: Arguments, { target }: Plan, summary: Summary): TargetAddress {
  const endpoint = text(args, 'endpoint') ?? target.endpoint;
  const region = text(args, 'region') ?? target.region;
  if (endpoint === null && target.kind !== 'aws') {
    const hint =
      target.kind === 'simulator'
        ? 'Set `verify: after` in the scenario (or --set verify=after), so that the run reads it back before it ends.'
        : 'Name where the records are with --endpoint.';
    throw usageError(`the target of ${summary.run.id}, ${summary.run.target}, is gone`, hint);
  }
  return { endpoint, region, credentials: 'chain' };
}

/** Tells how far it is, once a second, and writes a checkpoint now and then. */
function progressLine(
  args: Arguments,
  { stderr }: CommandIo,
  path: string,
): (job: VerificationJob) => void {
  const isShown = !isOn(args, 'quiet');
  let toldMs = performance.now();
  let savedMs = toldMs;
  return (job) => {
    const nowMs = performance.now();
    if (isShown && nowMs - toldMs >= PROGRESS_MS) {
      toldMs = nowMs;
      const behind = formatDurationUs(job.behindMs * 1000);
      stderr.write(`${formatCount(job.userRecordsRead)} user records read, ${behind} behind\n`);
    }
    if (nowMs - savedMs < CHECKPOINT_MS) return;
    savedMs = nowMs;
    writeCheckpoint(path, job.save());
  };
}

function print(verification: Verification, args: Arguments, io: CommandIo): void {
  if (isOn(args, 'json')) {
    io.stdout.write(`${JSON.stringify(verification, null, 2)}\n`);
    return;
  }
  const color = usesColor(args, io, io.stdout);
  const { columns = 80 } = io.stdout;
  io.stdout.write(`${renderTerminalVerification(verification, { color, width: columns })}\n`);
}
