/** The `capacity` command. In: a scenario and objectives. Out: one result folder a probe, and the search's result. */
import {
  formatCount,
  formatDurationUs,
  formatPercent,
  parseDurationUs,
  parseRate,
} from '../core/units.ts';
import { type CapacitySearch, type Probe, searchCapacity } from '../plan/capacity-search.ts';
import type { Summary } from '../results/summary.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Arguments, CommandIo } from './command.ts';
import { confirmCost } from './confirm-cost.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, outputFlags, scenarioOverrides, text, texts } from './flags.ts';
import { openProgress } from './progress.ts';
import { type FinishedRun, performRun, setUpRun } from './run-once.ts';
import { setUpVirtualRun } from './virtual-target.ts';

const SETTLE_SECONDS = 5;
const PRECISION = 0.03;
/** Probes that a search usually takes: what its cost is estimated from. */
const PROBES_USUAL = 20;
/** What every sustainable rate keeps, whatever the objectives. */
const ACHIEVED_MIN = 0.98;
const THROTTLE_MAX = 0.001;
const AMPLIFICATION_MAX = 1.05;

export async function findCapacity(args: Arguments, io: CommandIo): Promise<number> {
  const flags = outputFlags(args);
  const from = parseRate(text(args, 'from') ?? '');
  if (from === null || from.unit !== 'records' || from.perSecond <= 0) {
    throw usageError('--from is not a rate of records', 'Such as --from 1000/s');
  }
  const windowUs = parseDurationUs(text(args, 'window') ?? '');
  if (windowUs === null || windowUs < 1_000_000) {
    throw usageError('--window is not a duration of a second or more', 'Such as --window 10s');
  }
  const first = planAt(args, from.perSecond, windowUs / 1e6, 0);
  const isVirtual = isOn(args, 'virtual');
  if (!isVirtual) await confirmCost(new Array<Plan>(PROBES_USUAL).fill(first), flags, io);
  const quiet = { ...flags, isQuiet: true };
  const say = (line: string) => {
    if (!flags.isQuiet) io.stderr.write(`${line}\n`);
  };
  const search = await searchCapacity({
    fromPerSecond: from.perSecond,
    windowSeconds: windowUs / 1e6,
    precision: PRECISION,
    measure: async (perSecond, windowSeconds, count) => {
      const plan = planAt(args, perSecond, windowSeconds, count);
      const setup = isVirtual ? setUpVirtualRun(plan, quiet) : setUpRun(plan, quiet);
      const run = await performRun(setup, () => openProgress(setup, io, false));
      const probe = probeOf(run, perSecond, windowSeconds);
      say(probeLine(probe));
      return probe;
    },
  });
  io.stdout.write(
    flags.isJson
      ? `${JSON.stringify({ schema: 'shardstorm.capacity/1', ...search }, null, 2)}\n`
      : `${renderSearch(search)}\n`,
  );
  return exitCodeOf(search);
}

/** The scenario at one constant rate: time to settle, then the window. Each probe has a seed of its own. */
function planAt(args: Arguments, perSecond: number, windowSeconds: number, count: number): Plan {
  const rate = `${perSecond.toFixed(3)}/s`;
  const phases = [
    { name: 'settle', duration: `${SETTLE_SECONDS}s`, rate, measure: false },
    { name: 'window', duration: `${Math.round(windowSeconds * 1000)}ms`, rate },
  ];
  const overrides = scenarioOverrides(args);
  const objectives = texts(args, 'objective');
  const set = [
    ...(overrides.set ?? []),
    `load.phases=${JSON.stringify(phases)}`,
    ...(objectives === undefined ? [] : [`thresholds=${JSON.stringify(objectives)}`]),
  ];
  const { rate: _rate, duration: _duration, ...others } = overrides;
  const file = text(args, 'scenario') ?? '';
  const { seed } = loadScenario(file, others).load;
  return loadScenario(file, { ...others, set, seed: seed + count });
}

function probeOf({ summary }: FinishedRun, perSecond: number, windowSeconds: number): Probe {
  const { userRecords, rates, latency, shards } = summary;
  const hottest = [...shards].sort((a, b) => b.utilisation - a.utilisation)[0];
  return {
    perSecond,
    windowSeconds,
    failed: failuresOf(summary),
    isGeneratorBound: !summary.valid,
    acceptedPerSecond: userRecords.acceptedPerSecond,
    responseP99Us: latency.response.p99,
    throttle: rates.throttle,
    hottestShard:
      hottest === undefined ? null : `${hottest.id} at ${formatPercent(hottest.utilisation)}`,
    isInterrupted: summary.status === 'interrupted',
  };
}

function failuresOf({ userRecords, rates, thresholds, shards }: Summary): string[] {
  const failed = thresholds
    .filter(({ held }) => !held)
    .map(({ expression, actual, note }) => `${expression} (${actual ?? note})`);
  const achieved = userRecords.acceptedPerSecond / userRecords.offeredPerSecond;
  if (achieved < ACHIEVED_MIN)
    failed.push(`accepted ${formatPercent(achieved)} of what was offered`);
  const judgesThrottle = thresholds.some(({ expression }) => expression.includes('throttle'));
  if (!judgesThrottle && rates.throttle >= THROTTLE_MAX) {
    failed.push(`throttled ${formatPercent(rates.throttle)}`);
  }
  // A shard lends a second's worth, which lasts longer than a window when the rate is just above its limit.
  const lent = shards.find(({ utilisation }) => utilisation > 1);
  if (lent !== undefined) {
    failed.push(`${lent.id} at ${formatPercent(lent.utilisation)} of its limit, on its burst`);
  }
  if (rates.retryAmplification >= AMPLIFICATION_MAX) {
    failed.push(`retry amplification ${rates.retryAmplification.toFixed(2)}`);
  }
  return failed;
}

function probeLine(probe: Probe): string {
  const { perSecond, failed, responseP99Us, acceptedPerSecond, throttle, isGeneratorBound } = probe;
  const verdict = isGeneratorBound
    ? 'the generator was the bottleneck'
    : failed.length === 0
      ? 'held'
      : failed.join('; ');
  const p99 = responseP99Us === null ? '-' : formatDurationUs(responseP99Us);
  return [
    `${formatCount(perSecond).padStart(10)}/s`,
    `accepted ${formatCount(acceptedPerSecond)}/s`,
    `p99 ${p99}`,
    `throttled ${formatPercent(throttle)}`,
    verdict,
  ].join(' · ');
}

function renderSearch(search: CapacitySearch): string {
  const { perSecond, status, passed, failed, kneePerSecond, probes } = search;
  const rate = (value: number | null) => (value === null ? '-' : `${formatCount(value)}/s`);
  const curve = [...probes].sort((a, b) => a.perSecond - b.perSecond).map(probeLine);
  return [
    `Capacity: ${rate(perSecond)} (${status}), bracket ${rate(passed)} … ${rate(failed?.perSecond ?? null)}`,
    ...(failed === null
      ? []
      : [`  limited by: ${failed.failed.join('; ')}; hottest ${failed.hottestShard ?? '-'}`]),
    `  knee (p99 twice that of the least load): ${rate(kneePerSecond)}`,
    '',
    'Load and latency',
    ...curve,
  ].join('\n');
}

function exitCodeOf({ status }: CapacitySearch): number {
  if (status === 'interrupted') return EXIT.interrupted;
  if (status === 'generator-bound') return EXIT.invalidRun;
  return status === 'confirmed' ? EXIT.ok : EXIT.thresholdFailed;
}
