/** The `run` command. In: a scenario file and flags. Out: one run, and its summary on stdout. */
import { formatCount, formatDurationUs } from '../core/units.ts';
import type { Summary } from '../results/summary.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Arguments, CommandIo } from './command.ts';
import { confirmCost } from './confirm-cost.ts';
import { reportError, usageError, warnOf } from './errors.ts';
import { isOn, scenarioOverrides, text, usesColor } from './flags.ts';
import { type MetricsEndpoint, openMetrics } from './metrics-endpoint.ts';
import { outputFlags } from './output-flags.ts';
import { openProgress } from './progress.ts';
import { ClockWatch, timeSourceOf } from './run-clock.ts';
import { membershipOf } from './run-member.ts';
import { attemptRun, setUpRun } from './run-once.ts';
import { printSummary } from './run-report.ts';
import type { RunSetup } from './run-setup.ts';
import { setUpVirtualRun } from './virtual-target.ts';

export async function runScenario(args: Arguments, io: CommandIo): Promise<number> {
  const flags = outputFlags(args);
  const note = (sentence: string) => {
    if (!flags.isQuiet) io.stderr.write(`note: ${sentence}\n`);
  };
  const plan = loadScenario(text(args, 'scenario') ?? '', scenarioOverrides(args), note);
  if (isOn(args, 'virtual') && text(args, 'workers') !== undefined) {
    note('--virtual runs in one thread, whatever --workers says; load.producers divides the load');
  }
  const membership = membershipOf(args, io);
  const setUp = isOn(args, 'virtual') ? setUpVirtualRun : setUpRun;
  const setup = withClock(args, setUp(plan, flags, membership), io);
  await confirmCost([plan], flags, io);
  await setup.member?.clock?.begin();
  const metrics = await metricsOf(args, setup, io);
  const finished = await attemptRun(setup, () => {
    const progress = openProgress(setup, io, usesColor(args, io, io.stderr));
    return metrics?.follow(progress) ?? progress;
  }).finally(() => metrics?.close());
  const { summary, folder, unwritten, exitCode, wallMs } = finished;
  if (setup.isVirtual && !flags.isQuiet) {
    io.stderr.write(`${virtualSpeed(summary, wallMs)}\n`);
  }
  printSummary(summary, unwritten === null ? folder : null, flags.isJson, io, {
    color: usesColor(args, io, io.stdout),
    kplNames: isOn(args, 'kpl-names'),
  });
  warnOf(finished.pageless, io);
  // Last, where it is seen: the summary above is all that there is.
  if (unwritten !== null) return reportError(unwritten, io, isOn(args, 'verbose'));
  return exitCode;
}

/** With the time server of --time-source. @throws SHARDSTORM_CLI_USAGE */
function withClock(args: Arguments, setup: RunSetup, { stderr }: CommandIo): RunSetup {
  const source = timeSourceOf(args);
  if (source === null) return setup;
  const { member, isVirtual, flags } = setup;
  if (member === null || isVirtual) {
    const message = '--time-source compares the clocks of several machines, and this run has one';
    throw usageError(message, 'Leave it out; it belongs to --share and --start-at.');
  }
  const tell = (kind: string) => (sentence: string) => {
    if (kind === 'warning' || !flags.isQuiet) stderr.write(`${kind}: ${sentence}\n`);
  };
  const clock = new ClockWatch(source, { note: tell('note'), warn: tell('warning') });
  return { ...setup, member: { ...member, clock } };
}

/** The endpoint of --prometheus, listening; null: not asked for. */
async function metricsOf(
  args: Arguments,
  setup: RunSetup,
  { stderr }: CommandIo,
): Promise<MetricsEndpoint | null> {
  const place = text(args, 'prometheus');
  if (place === undefined) return null;
  if (!setup.isVirtual) return openMetrics(place, setup, stderr);
  const message =
    '--prometheus has nothing to show of a run in virtual time, which is over at once';
  throw usageError(
    message,
    'Leave it out, or render the result: report <result> --format prometheus',
  );
}

/** `13.1s of virtual time in 0.15s: 87 times real time, 153,000 user records a second`. */
function virtualSpeed(summary: Summary, wallMs: number): string {
  const { durationMs } = summary.run;
  const records = summary.phases.reduce((sum, { userRecords }) => sum + userRecords.offered, 0);
  const times = `${formatCount(durationMs / wallMs)} times real time`;
  const perSecond = `${formatCount((records / wallMs) * 1000)} user records a second`;
  return `${formatDurationUs(durationMs * 1000)} of virtual time in ${formatDurationUs(wallMs * 1000)}: ${times}, ${perSecond}`;
}
