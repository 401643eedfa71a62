/** Phases and their rates: bytes a second into records a second, and the flags that scale a whole load. */

import type { ScenarioOrigin } from './origin.ts';
import type { PayloadPlan, PhasePlan, RatePlan, RecordKindPlan, SizePlan } from './plan.ts';
import type { LoadInput, RateInput } from './schema-load.ts';

type RateOrigin = Pick<ScenarioOrigin, 'absolute' | 'meanLineBytes'>;

/** Standard normal quantile of 0.99. */
const Z_99 = 2.3263478740408408;

/** A rate in bytes of payloads whose size is unknown comes out as NaN, which checks.ts reports. */
export function resolvePhases(
  phases: LoadInput['phases'],
  records: readonly RecordKindPlan[],
  origin: RateOrigin,
): readonly PhasePlan[] {
  const meanBytes = meanPayloadBytes(records, origin);
  return phases.map((phase, index) => ({
    name: phase.name ?? `phase-${index + 1}`,
    durationUs: phase.duration,
    rate: resolveRate(phase.rate, meanBytes, origin),
    measure: phase.measure ?? true,
  }));
}

type ParsedRate = Extract<RateInput, { perSecond: number }>;

function resolveRate(input: RateInput, meanBytes: number, origin: RateOrigin): RatePlan {
  const records = ({ unit, perSecond }: ParsedRate) =>
    unit === 'records' ? perSecond : perSecond / meanBytes;
  if ('perSecond' in input) return { kind: 'constant', perSecond: records(input) };
  if ('from' in input) {
    return {
      kind: 'ramp',
      fromPerSecond: records(input.from),
      toPerSecond: records(input.to),
    };
  }
  if ('steps' in input) {
    return {
      kind: 'steps',
      fromPerSecond: records(input.steps.from),
      toPerSecond: records(input.steps.to),
      stepPerSecond: records(input.steps.step),
      everyUs: input.steps.every,
    };
  }
  if ('sine' in input) {
    return {
      kind: 'sine',
      meanPerSecond: records(input.sine.mean),
      amplitudePerSecond: records(input.sine.amplitude),
      periodUs: input.sine.period,
    };
  }
  if ('burst' in input) {
    const { burst } = input;
    const base = records(burst.base);
    const times = { onUs: burst.on, offUs: burst.off };
    return 'times' in burst
      ? { kind: 'burst', basePerSecond: base, times: burst.times, ...times }
      : { kind: 'onOff', onPerSecond: records(burst.peak), offPerSecond: base, ...times };
  }
  if ('replay' in input) {
    const { file, timeColumn, speed = 1 } = input.replay;
    return { kind: 'replay', file: origin.absolute(file), timeColumn, speed };
  }
  return { kind: 'closed', concurrency: input.closed.concurrency };
}

/** Mean payload of the mix in bytes; NaN where a kind's size is not known before the run. */
export function meanPayloadBytes(
  records: readonly RecordKindPlan[],
  origin: Pick<ScenarioOrigin, 'meanLineBytes'>,
): number {
  let bytes = 0;
  let weights = 0;
  for (const { payload, weight } of records) {
    bytes += weight * payloadMeanBytes(payload, origin);
    weights += weight;
  }
  return bytes / weights;
}

function payloadMeanBytes(
  payload: PayloadPlan,
  origin: Pick<ScenarioOrigin, 'meanLineBytes'>,
): number {
  switch (payload.kind) {
    case 'random':
      return sizeMeanBytes(payload.size);
    case 'json':
      return payload.size === null ? Number.NaN : sizeMeanBytes(payload.size);
    default:
      return payload.format === 'json'
        ? Number.NaN
        : (origin.meanLineBytes(payload.file) ?? Number.NaN);
  }
}

function sizeMeanBytes(size: SizePlan): number {
  switch (size.kind) {
    case 'fixed':
      return size.bytes;
    case 'uniform':
      return (size.minBytes + size.maxBytes) / 2;
    case 'lognormal': {
      // Mean of a log-normal: median · exp(sigma²/2). What the cut at maxBytes takes off is left out.
      const sigma = Math.log(size.p99Bytes / size.medianBytes) / Z_99;
      return Math.min(size.maxBytes, size.medianBytes * Math.exp((sigma * sigma) / 2));
    }
    default: {
      const weights = size.sizes.reduce((sum, { weight }) => sum + weight, 0);
      return size.sizes.reduce((sum, { bytes, weight }) => sum + bytes * weight, 0) / weights;
    }
  }
}

/** The highest rate a phase asks for, records a second; null for shapes that have none of their own. */
export function peakPerSecond(rate: RatePlan): number | null {
  switch (rate.kind) {
    case 'constant':
      return rate.perSecond;
    case 'ramp':
    case 'steps':
      return Math.max(rate.fromPerSecond, rate.toPerSecond);
    case 'sine':
      return rate.meanPerSecond + rate.amplitudePerSecond;
    case 'burst':
      return rate.basePerSecond * Math.max(1, rate.times);
    case 'onOff':
      return Math.max(rate.onPerSecond, rate.offPerSecond);
    default:
      return null;
  }
}

/** All phases with their rates multiplied, so that the highest becomes `perSecond`; the shape stays. */
export function scaleToPeak(phases: readonly PhasePlan[], perSecond: number): readonly PhasePlan[] {
  const peak = Math.max(...phases.map(({ rate }) => peakPerSecond(rate) ?? 0));
  if (peak === 0) return phases;
  // One division for the peak itself, so that it becomes exactly what was asked.
  const scale = (value: number) => (value === peak ? perSecond : (value * perSecond) / peak);
  return phases.map((phase) => ({ ...phase, rate: scaleRate(phase.rate, scale) }));
}

function scaleRate(rate: RatePlan, scale: (perSecond: number) => number): RatePlan {
  switch (rate.kind) {
    case 'constant':
      return { ...rate, perSecond: scale(rate.perSecond) };
    case 'ramp':
      return {
        ...rate,
        fromPerSecond: scale(rate.fromPerSecond),
        toPerSecond: scale(rate.toPerSecond),
      };
    case 'steps':
      return {
        ...rate,
        fromPerSecond: scale(rate.fromPerSecond),
        toPerSecond: scale(rate.toPerSecond),
        stepPerSecond: scale(rate.stepPerSecond),
      };
    case 'sine':
      return {
        ...rate,
        meanPerSecond: scale(rate.meanPerSecond),
        amplitudePerSecond: scale(rate.amplitudePerSecond),
      };
    case 'burst':
      return { ...rate, basePerSecond: scale(rate.basePerSecond) };
    case 'onOff':
      return {
        ...rate,
        onPerSecond: scale(rate.onPerSecond),
        offPerSecond: scale(rate.offPerSecond),
      };
    default:
      return rate;
  }
}

/** The measured phases stretched or shortened in proportion, so that together they last `durationUs`. */
export function scaleToDuration(
  phases: readonly PhasePlan[],
  durationUs: number,
): readonly PhasePlan[] {
  const measured = phases.filter(({ measure }) => measure);
  const totalUs = measured.reduce((sum, phase) => sum + phase.durationUs, 0);
  const factor = durationUs / totalUs;
  return phases.map((phase) => {
    if (!phase.measure) return phase;
    const rate: RatePlan =
      phase.rate.kind === 'steps'
        ? { ...phase.rate, everyUs: Math.round(phase.rate.everyUs * factor) }
        : phase.rate;
    return { ...phase, durationUs: Math.round(phase.durationUs * factor), rate };
  });
}
