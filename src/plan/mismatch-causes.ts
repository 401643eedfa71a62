/** Why a run may differ from the formulas, told from its other figures: sentences for people. */
import { formatBytes, formatCount, formatPercent } from '../core/units.ts';
import type { Compared, MeasuredRun, Prediction, PredictionInput } from './compared-run.ts';

type Pairs = Omit<Prediction, 'mismatches'>;

/** Shards named in one sentence. */
const SHARDS_NAMED = 3;
const AMPLIFIED = 1.05;
const FLUSH_SHARE = 0.05;
const LATE_US = 10_000;

export function likelyCauses(pairs: Pairs, input: PredictionInput): Prediction['mismatches'] {
  return [
    ...batchMismatch(pairs, input),
    ...throttleMismatch(pairs, input),
    ...heatMismatch(pairs, input),
  ];
}

/** Causes that make any figure differ. */
function commonCauses({ plan, run }: PredictionInput): string[] {
  const causes: string[] = [];
  const kinds = [...new Set(plan.target.simulator.faults.map(({ kind }) => kind))];
  if (plan.target.kind === 'simulator' && kinds.length > 0) {
    causes.push(`the scenario plans faults, which formulas leave out: ${kinds.join(', ')}`);
  }
  if (run.attempts.wrongShard > 0 || isResharded(plan, run)) {
    causes.push('the stream was resharded while it ran');
  }
  if (run.attempts.unknown > 0) {
    causes.push(
      `${formatCount(run.attempts.unknown)} attempts had no answer, so records waited and came together`,
    );
  }
  if (run.status !== 'completed') causes.push('the run did not go to its end');
  return causes;
}

function isResharded({ target }: PredictionInput['plan'], { shards }: MeasuredRun): boolean {
  return target.kind === 'simulator' && shards.length > target.simulator.shards;
}

function batchMismatch(pairs: Pairs, input: PredictionInput): Prediction['mismatches'] {
  const { userRecordsPerRecord: count, bytesPerRecord: bytes } = pairs;
  if (count.agrees && bytes.agrees) return [];
  const { run, plan } = input;
  const { closedBy } = run.kinesisRecords;
  const causes = commonCauses(input);
  const retries = retriesCause(run);
  if (retries !== null && plan.producer.aggregation.enabled) causes.push(retries);
  if (closedBy.flush > FLUSH_SHARE * run.kinesisRecords.sent) {
    causes.push('many batches were closed before their time: by the end of the run, or of a phase');
  }
  const late = run.latency.lateness.p99;
  if (late !== null && late > LATE_US) {
    causes.push('records were generated late and therefore together');
  }
  if (plan.records.length > 1) {
    causes.push('records are of several kinds, of which formulas know the mean only');
  }
  const text = `a Kinesis record was predicted to hold ${count.predicted.toFixed(1)} user records (${formatBytes(bytes.predicted)}), and held ${count.measured.toFixed(1)} (${formatBytes(bytes.measured)})`;
  return [{ text, causes: orUnknown(causes) }];
}

function throttleMismatch({ throttle }: Pairs, input: PredictionInput): Prediction['mismatches'] {
  if (throttle.agrees) return [];
  const { plan, run } = input;
  const text = `${formatPercent(throttle.predicted)} of the attempts were predicted to be throttled, and ${formatPercent(throttle.measured)} were`;
  const causes = commonCauses(input);
  const isMore = throttle.measured > throttle.predicted;
  const { rateLimit } = plan.producer;
  if (!isMore && rateLimit !== null) {
    causes.push(
      'the producers slowed down for full shards: records waited with them instead of being refused',
    );
  }
  const retries = retriesCause(run);
  if (isMore && retries !== null) causes.push(retries);
  if (isMore && plan.target.kind !== 'simulator') {
    causes.push('others may write to the same stream');
  }
  if (isMore) causes.push('records came in bursts within a second, which means hide');
  return [{ text, causes: orUnknown(causes) }];
}

function heatMismatch({ shards }: Pairs, input: PredictionInput): Prediction['mismatches'] {
  const wrong = shards.filter(({ agrees }) => !agrees).sort((a, b) => distance(b) - distance(a));
  if (wrong.length === 0) return [];
  const { plan, run } = input;
  const named = wrong
    .slice(0, SHARDS_NAMED)
    .map(
      ({ id, predicted, measured }) =>
        `${id} ${formatPercent(predicted)}, got ${formatPercent(measured)}`,
    );
  const more =
    wrong.length > named.length ? ` and ${formatCount(wrong.length - named.length)} more` : '';
  const causes = commonCauses(input);
  if (plan.target.kind === 'simulator' && plan.target.simulator.mode === 'on-demand') {
    causes.push('the on-demand stream may have scaled');
  }
  if (run.userRecords.accepted < run.userRecords.offered) {
    causes.push('not every record was accepted');
  }
  if (wrong.some(({ predicted, measured }) => measured > predicted)) {
    causes.push('the keys of the run are others than those of its first records');
  }
  return [
    { text: `heat was predicted otherwise: ${named.join('; ')}${more}`, causes: orUnknown(causes) },
  ];
}

const distance = ({ predicted, measured }: Compared): number => Math.abs(predicted - measured);

function retriesCause({ rates }: MeasuredRun): string | null {
  return rates.retryAmplification < AMPLIFIED
    ? null
    : `retries: ${rates.retryAmplification.toFixed(2)} attempts a Kinesis record`;
}

function orUnknown(causes: readonly string[]): readonly string[] {
  return causes.length > 0 ? causes : ['none that this run’s figures show'];
}
