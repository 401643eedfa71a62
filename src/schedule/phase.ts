import { ShardstormError } from '../core/errors.ts';
import {
  LinearShape,
  type Piece,
  PiecewiseShape,
  ReplayShape,
  type Shape,
  SineShape,
} from './shape.ts';

/** How many records a second a phase offers. Rates are user records a second. */
type PhaseRate =
  | { readonly kind: 'constant'; readonly perSecond: number }
  | { readonly kind: 'ramp'; readonly fromPerSecond: number; readonly toPerSecond: number }
  | {
      /** Starts at `from`, moves by `step` towards `to` each `every`, and stays there. */
      readonly kind: 'steps';
      readonly fromPerSecond: number;
      readonly toPerSecond: number;
      readonly stepPerSecond: number;
      readonly everyUs: number;
    }
  | {
      /** Starts at the mean and goes up. */
      readonly kind: 'sine';
      readonly meanPerSecond: number;
      readonly amplitudePerSecond: number;
      readonly periodUs: number;
    }
  | {
      /** `times` the base rate while on, then the base rate while off, and again. */
      readonly kind: 'burst';
      readonly basePerSecond: number;
      readonly times: number;
      readonly onUs: number;
      readonly offUs: number;
    }
  | {
      /** One rate while on, then another while off, and again; one of the two may be 0. */
      readonly kind: 'onOff';
      readonly onPerSecond: number;
      readonly offPerSecond: number;
      readonly onUs: number;
      readonly offUs: number;
    }
  | {
      /** Recorded times, `speed` times as fast. */
      readonly kind: 'replay';
      readonly speed: number;
    }
  | {
      /** Closed loop: a record is due when an earlier one is settled, so a slow target gets less load. */
      readonly kind: 'closed';
      readonly concurrency: number;
    };

/** What the schedule needs of a phase. */
export interface SchedulePhase {
  readonly name: string;
  readonly durationUs: number;
  readonly rate: PhaseRate;
}

/** Levels of one `steps` phase at the most. */
const STEPS_MAX = 100_000;

/** Whether the caller decides when the phase's records are due, by how many are outstanding. */
export function phaseIsClosed(phase: SchedulePhase): boolean {
  return phase.rate.kind === 'closed';
}

/**
 * The shape of a phase; null if it is closed.
 * @param index place in `load.phases`, for messages
 * @param replayTimesUs the recording, for kind `replay`
 * @throws SHARDSTORM_SCENARIO_INVALID
 */
export function buildShape(
  phase: SchedulePhase,
  index: number,
  replayTimesUs: Float64Array | null,
): Shape | null {
  const { rate, durationUs } = phase;
  const field = `load.phases[${index}]`;
  requirePositive(durationUs, `${field}.duration`);
  switch (rate.kind) {
    case 'constant':
      requireRate(rate.perSecond, `${field}.rate`);
      return new LinearShape(rate.perSecond, rate.perSecond, durationUs);
    case 'ramp':
      requireRate(rate.fromPerSecond, `${field}.rate.from`);
      requireRate(rate.toPerSecond, `${field}.rate.to`);
      return new LinearShape(rate.fromPerSecond, rate.toPerSecond, durationUs);
    case 'steps':
      return new PiecewiseShape(stepPieces(rate, durationUs, `${field}.rate.steps`), durationUs);
    case 'sine':
      return sineShape(rate, durationUs, `${field}.rate.sine`);
    case 'burst':
      return new PiecewiseShape(burstPieces(rate, `${field}.rate.burst`), durationUs);
    case 'onOff':
      return new PiecewiseShape(onOffPieces(rate, `${field}.rate.burst`), durationUs);
    case 'replay':
      return replayShape(rate.speed, replayTimesUs, durationUs, `${field}.rate.replay`);
    case 'closed':
      requirePositive(rate.concurrency, `${field}.rate.closed.concurrency`);
      return null;
  }
}

function stepPieces(
  rate: Extract<PhaseRate, { kind: 'steps' }>,
  durationUs: number,
  field: string,
): Piece[] {
  const { fromPerSecond, toPerSecond, stepPerSecond, everyUs } = rate;
  requireRate(fromPerSecond, `${field}.from`);
  requireRate(toPerSecond, `${field}.to`);
  requirePositive(stepPerSecond, `${field}.step`);
  requirePositive(everyUs, `${field}.every`);
  const distance = toPerSecond - fromPerSecond;
  // A step that divides the distance only up to rounding must not add a level.
  const steps = Math.ceil(Math.abs(distance) / stepPerSecond - 1e-9);
  const levels = Math.min(steps + 1, Math.ceil(durationUs / everyUs));
  if (levels > STEPS_MAX) {
    throw invalid(`${field}.step`, `${levels} levels`, `at most ${STEPS_MAX} levels in a phase`);
  }
  const pieces: Piece[] = [];
  for (let k = 0; k < levels; k++) {
    const moved = Math.min(k * stepPerSecond, Math.abs(distance)) * Math.sign(distance);
    const isLast = k === levels - 1;
    pieces.push({
      perSecond: fromPerSecond + moved,
      durationUs: isLast ? durationUs - k * everyUs : everyUs,
    });
  }
  return pieces;
}

function burstPieces(rate: Extract<PhaseRate, { kind: 'burst' }>, field: string): Piece[] {
  requireRate(rate.basePerSecond, `${field}.base`);
  requireRate(rate.times, `${field}.times`);
  requirePositive(rate.onUs, `${field}.on`);
  requirePositive(rate.offUs, `${field}.off`);
  return [
    { perSecond: rate.basePerSecond * rate.times, durationUs: rate.onUs },
    { perSecond: rate.basePerSecond, durationUs: rate.offUs },
  ];
}

function onOffPieces(rate: Extract<PhaseRate, { kind: 'onOff' }>, field: string): Piece[] {
  requireRate(rate.offPerSecond, `${field}.base`);
  requireRate(rate.onPerSecond, `${field}.peak`);
  requirePositive(rate.onUs, `${field}.on`);
  requirePositive(rate.offUs, `${field}.off`);
  return [
    { perSecond: rate.onPerSecond, durationUs: rate.onUs },
    { perSecond: rate.offPerSecond, durationUs: rate.offUs },
  ];
}

function sineShape(
  rate: Extract<PhaseRate, { kind: 'sine' }>,
  durationUs: number,
  field: string,
): Shape {
  requirePositive(rate.meanPerSecond, `${field}.mean`);
  requireRate(rate.amplitudePerSecond, `${field}.amplitude`);
  requirePositive(rate.periodUs, `${field}.period`);
  if (rate.amplitudePerSecond > rate.meanPerSecond) {
    const amplitude = `${rate.amplitudePerSecond}/s`;
    throw invalid(`${field}.amplitude`, amplitude, `at most the mean, ${rate.meanPerSecond}/s`);
  }
  return new SineShape(rate.meanPerSecond, rate.amplitudePerSecond, rate.periodUs, durationUs);
}

function replayShape(
  speed: number,
  timesUs: Float64Array | null,
  durationUs: number,
  field: string,
): Shape {
  requirePositive(speed, `${field}.speed`);
  if (timesUs === null || timesUs.length === 0) {
    throw invalid(`${field}.file`, 'no times', 'a file with at least one row');
  }
  // At speed 60, an hour of the recording takes a minute.
  const scaled = timesUs.map((us) => us / speed).sort();
  requireRate(scaled[0] as number, `${field}.timeColumn`);
  requireRate(scaled[scaled.length - 1] as number, `${field}.timeColumn`);
  return new ReplayShape(scaled, durationUs);
}

function requirePositive(value: number, field: string): void {
  if (!(value > 0 && Number.isFinite(value)))
    throw invalid(field, `${value}`, 'above 0 and finite');
}

function requireRate(value: number, field: string): void {
  if (!(value >= 0 && Number.isFinite(value))) {
    throw invalid(field, `${value}`, 'at least 0 and finite');
  }
}

function invalid(field: string, value: string, allowed: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_SCENARIO_INVALID', `${field}: ${value} is not allowed`, {
    hint: `Allowed: ${allowed}.`,
  });
}
