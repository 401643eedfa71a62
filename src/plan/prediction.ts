/**
 * What the formulas said of a run, beside what it measured. In: the plan, the shards it met, the run's figures. Out: batch
 * sizes, throttle and the heat of each shard in pairs, and the pairs that do not agree with what may have caused it. The
 * load is taken as it was offered, phase by phase, so only the formulas and the stream are on trial, not the schedule.
 */
import { shardId } from '../kinesis/shard.ts';
import type { PhasePlan, Plan, RatePlan } from '../scenario/plan.ts';
import { buildShape } from '../schedule/phase.ts';
import type { Compared, MeasuredRun, Prediction, PredictionInput } from './compared-run.ts';
import { forecast, type ShardRanges, type Shares, sharesOf } from './heat.ts';
import { likelyCauses } from './mismatch-causes.ts';
import type { PackingInput } from './packing.ts';
import { sampleLoad } from './sample.ts';

/** Records looked at: those that the run offered, within these bounds. */
const SAMPLE_MIN = 4096;
const SAMPLE_MAX = 1 << 17;
/** Stretches of equal record counts that a varying rate is cut into. */
const SLICES = 32;
/** How far the formulas may be off: they know means only. */
const ROUGHNESS = 0.1;
const BATCH_ROUGHNESS_MIN = 0.1;
const THROTTLE_ROUGHNESS = 0.01;
const HEAT_ROUGHNESS_MIN = 0.01;
/** Standard errors of a share that may be chance. */
const NOISE_ERRORS = 3;

/** null: the run sent nothing that could be compared. */
export function comparePrediction(input: PredictionInput): Prediction | null {
  const { plan, ranges, run } = input;
  const slices = slicesOf(plan, run);
  const seconds = slices.reduce((sum, slice) => sum + slice.seconds, 0);
  if (run.kinesisRecords.sent === 0 || seconds === 0) return null;
  const offered = run.userRecords.offered;
  const sample = sampleLoad(plan, Math.round(Math.min(SAMPLE_MAX, Math.max(SAMPLE_MIN, offered))));
  const { producers } = input;
  const packing = { ...plan.producer, sample, producers, shards: ranges.numbers.length };
  const sums = sumUp(packing, ranges, sharesOf(sample, ranges), slices);
  const { userRecordsPerRecord, bytesPerRecord } = run.kinesisRecords;
  const batch = (predicted: number, measured: number) =>
    compared(predicted, measured, Math.max(BATCH_ROUGHNESS_MIN, ROUGHNESS * predicted));
  const throttle = sums.excess / sums.records;
  const pairs = {
    userRecordsPerRecord: batch(sums.userRecords / sums.records, userRecordsPerRecord),
    bytesPerRecord: batch(sums.bytes / sums.records, bytesPerRecord),
    throttle: compared(throttle, run.rates.throttle, throttleTolerance(throttle, run)),
    shards: comparedShards(ranges, sums, { seconds, sampled: sample.count, run }),
  };
  return { ...pairs, mismatches: likelyCauses(pairs, input) };
}

function compared(predicted: number, measured: number, tolerance: number): Compared {
  return { predicted, measured, agrees: Math.abs(measured - predicted) <= tolerance };
}

/** Few attempts have chance in their share. */
function throttleTolerance(predicted: number, { rates, attempts }: MeasuredRun): number {
  const share = Math.max(predicted, rates.throttle);
  const error = Math.sqrt((share * (1 - share)) / Math.max(1, attempts.records));
  return THROTTLE_ROUGHNESS + ROUGHNESS * predicted + NOISE_ERRORS * error;
}

/** A stretch of time with a rate. */
interface Slice {
  readonly seconds: number;
  readonly perSecond: number;
}

/** The measured phases at the rates that they offered. */
function slicesOf(plan: Plan, run: MeasuredRun): Slice[] {
  return run.phases.flatMap(({ measured, durationMs, userRecords }, i) => {
    const phase = plan.load.phases[i];
    const seconds = durationMs / 1000;
    if (!measured || phase === undefined || seconds <= 0) return [];
    const factor = userRecords.offered / meanOf(phase);
    const isWhole = Math.abs(seconds * 1e6 - phase.durationUs) < 1 && Math.abs(factor - 1) < 0.2;
    if (!isWhole) return [{ seconds, perSecond: userRecords.offered / seconds }];
    return equalSlices(phase).map((slice) => ({ ...slice, perSecond: slice.perSecond * factor }));
  });
}

/** Records that a phase asks for; NaN where only the run can tell. */
function meanOf(phase: PhasePlan): number {
  const { kind } = phase.rate;
  return kind === 'closed' || kind === 'replay'
    ? Number.NaN
    : (buildShape(phase, 0, null)?.total ?? Number.NaN);
}

function equalSlices(phase: PhasePlan): Slice[] {
  if (phase.rate.kind === 'onOff') return onOffSlices(phase.rate, phase.durationUs);
  const shape = phase.rate.kind === 'constant' ? null : buildShape(phase, 0, null);
  const wholeSeconds = phase.durationUs / 1e6;
  if (shape === null) return [{ seconds: wholeSeconds, perSecond: meanOf(phase) / wholeSeconds }];
  const records = shape.total / SLICES;
  const slices: Slice[] = [];
  let startUs = 0;
  for (let i = 1; i <= SLICES; i++) {
    const endUs = i === SLICES ? phase.durationUs : shape.timeUs(i * records);
    const seconds = (endUs - startUs) / 1e6;
    if (seconds > 0) slices.push({ seconds, perSecond: records / seconds });
    startUs = endUs;
  }
  return slices;
}

/** A slice of equal counts would spread the last records of a burst over the silence after it. */
function onOffSlices(
  { onPerSecond, offPerSecond, onUs, offUs }: Extract<RatePlan, { kind: 'onOff' }>,
  durationUs: number,
): Slice[] {
  const rounds = Math.floor(durationUs / (onUs + offUs));
  const isOnUs = rounds * onUs + Math.min(onUs, durationUs - rounds * (onUs + offUs));
  return [
    { seconds: isOnUs / 1e6, perSecond: onPerSecond },
    { seconds: (durationUs - isOnUs) / 1e6, perSecond: offPerSecond },
  ].filter(({ seconds }) => seconds > 0);
}

interface Sums {
  userRecords: number;
  records: number;
  bytes: number;
  /** Records that come in a second whose limit is used up. */
  excess: number;
  /** Shard-seconds of the nearer limit that are asked for, by place of the shard. */
  readonly demand: Float64Array;
  /** Expected user records, by place of the shard. */
  readonly shardRecords: Float64Array;
}

function sumUp(
  packing: PackingInput,
  ranges: ShardRanges,
  shares: Shares,
  slices: readonly Slice[],
): Sums {
  const count = ranges.numbers.length;
  const demand = new Float64Array(count);
  const shardRecords = new Float64Array(count);
  const sums: Sums = { userRecords: 0, records: 0, bytes: 0, excess: 0, demand, shardRecords };
  for (const { seconds, perSecond } of slices) {
    const shards = forecast(packing, ranges, shares, perSecond);
    for (const [i, shard] of shards.entries()) {
      const records = shard.recordsPerSecond * seconds;
      sums.userRecords += shard.userRecordsPerSecond * seconds;
      sums.records += records;
      sums.bytes += shard.bytesPerSecond * seconds;
      sums.excess += records * shard.excessShare;
      demand[i] = (demand[i] as number) + shard.utilisation * seconds;
      shardRecords[i] = (shardRecords[i] as number) + shard.userRecordsPerSecond * seconds;
    }
  }
  return sums;
}

function comparedShards(
  { numbers }: ShardRanges,
  sums: Sums,
  { seconds, sampled, run }: { seconds: number; sampled: number; run: MeasuredRun },
): Prediction['shards'] {
  const { demand, shardRecords, userRecords } = sums;
  // The run's shares are over the time until the last record was accepted, the demand is over that of the phases.
  const { accepted, acceptedPerSecond } = run.userRecords;
  const stretch = accepted === 0 ? 1 : accepted / acceptedPerSecond / seconds;
  const measured = new Map(run.shards.map(({ id, utilisation }) => [id, utilisation * stretch]));
  const errors = errorsOfAny(numbers.length);
  const wholeDemand = demand.reduce((sum, each) => sum + each, 0) / seconds;
  return numbers.map((number, i) => {
    const id = shardId(number);
    const predicted = (demand[i] as number) / seconds;
    const share = (shardRecords[i] as number) / userRecords;
    // The root of a count has a standard error of 1/2, however small the count; those of the run and of the sample add up.
    const demandPerShare = share > 0 ? predicted / share : wholeDemand;
    const known = (1 - share) * demandPerShare * (1 / Math.max(1, userRecords) + 1 / sampled);
    const rootError = (errors / 2) * Math.sqrt(known);
    const chance = 2 * Math.sqrt(predicted) * rootError + rootError ** 2;
    const tolerance = predicted * ROUGHNESS + chance;
    const got = measured.get(id) ?? 0;
    const agrees = Math.abs(got - predicted) <= Math.max(HEAT_ROUGHNESS_MIN, tolerance);
    return { id, predicted, measured: got, agrees };
  });
}

/**
 * So many standard errors that chance takes one of all shards beyond them no more often than a single one beyond
 * {@link NOISE_ERRORS}: the tail of a normal distribution shrinks with exp(-z²/2).
 */
function errorsOfAny(shards: number): number {
  return Math.sqrt(NOISE_ERRORS ** 2 + 2 * Math.log(Math.max(1, shards)));
}
