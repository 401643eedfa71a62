import { stringify } from 'yaml';
import { parsePercent } from '../core/units.ts';
import { escapeVariables } from './environment.ts';
import type {
  FaultPlan,
  LatencyPlan,
  PayloadPlan,
  PhasePlan,
  Plan,
  ProducerPlan,
  RatePlan,
  RecordKindPlan,
  SizePlan,
  StopPlan,
  TargetPlan,
  ThresholdPlan,
} from './plan.ts';

/**
 * A plan as a scenario file in YAML, every default spelled out. Read again, it gives the same plan: every quantity is
 * written in the largest unit that holds it exactly.
 */
export function renderScenario(plan: Plan): string {
  return stringify(scenarioData(plan), { lineWidth: 100 });
}

/** A plan in the form of the scenario file: plain data, quantities as text. */
export function scenarioData(plan: Plan): Record<string, unknown> {
  const [first] = plan.records;
  return {
    version: 1,
    name: plan.name,
    description: plan.description,
    target: targetData(plan.target),
    load: {
      workers: plan.load.workers,
      producers: plan.load.producers,
      seed: plan.load.seed,
      arrival: plan.load.arrival,
      phases: plan.load.phases.map(phaseData),
      drain: durationText(plan.load.drainUs),
      ...stopData(plan.load.stopWhen),
    },
    records:
      plan.records.length === 1 && first !== undefined
        ? recordKindData(first)
        : plan.records.map(recordKindData),
    producer: producerData(plan.producer),
    ...(plan.verify === null ? {} : { verify: plan.verify }),
    thresholds: plan.thresholds.map(thresholdData),
    matrix: plan.matrix,
    variants: plan.variants,
    blocks: plan.blocks,
    primary: plan.primary,
    margin: plan.margin,
    ...(plan.cost.maxUsd === null ? {} : { cost: plan.cost }),
    tags: Object.fromEntries(
      Object.entries(plan.tags).map(([key, value]) => [key, escapeVariables(value)]),
    ),
  };
}

function stopData(stop: StopPlan | null): Record<string, unknown> {
  if (stop === null) return {};
  const { metric, halfWidth, minDurationUs } = stop;
  return { stopWhen: { metric, halfWidth, minDuration: durationText(minDurationUs) } };
}

const DURATION_UNITS = [
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1_000],
  ['us', 1],
] as const;

const SIZE_UNITS = [
  ['MiB', 1024 * 1024],
  ['KiB', 1024],
  ['B', 1],
] as const;

function durationText(us: number): string {
  return inUnits(us, DURATION_UNITS, 's');
}

function sizeText(bytes: number): string {
  return inUnits(bytes, SIZE_UNITS, 'B');
}

/** A whole number in the largest unit that divides it. */
function inUnits(
  value: number,
  units: readonly (readonly [string, number])[],
  unitOfZero: string,
): string {
  if (value === 0) return `0${unitOfZero}`;
  const [unit, scale] = units.find(([, by]) => value % by === 0) ?? ['', 1];
  return `${value / scale}${unit}`;
}

const rateText = (perSecond: number): string => `${perSecond}/s`;

/** The shortest percentage that reads back as exactly this fraction. */
function percentText(fraction: number): string {
  for (let digits = 1; digits <= 17; digits++) {
    const text = `${Number((fraction * 100).toPrecision(digits))}%`;
    if (parsePercent(text) === fraction) return text;
  }
  return `${fraction * 100}%`;
}

/** Without the fields that are null. */
function withoutNulls(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}

function targetData({ simulator, ...target }: TargetPlan): Record<string, unknown> {
  return withoutNulls({
    ...target,
    endpoint: target.endpoint === null ? null : escapeVariables(target.endpoint),
    simulator: withoutNulls({
      mode: simulator.mode,
      shards: simulator.shards,
      latency: latencyData(simulator.latency),
      limits: simulator.limits ?? null,
      transition: durationOrNull(simulator.transitionUs),
      scaleEvery: durationOrNull(simulator.scaleEveryUs),
      faults: simulator.faults.map(faultData),
    }),
  });
}

function durationOrNull(us: number | undefined): string | null {
  return us === undefined ? null : durationText(us);
}

function latencyData({ operations, perBodyUs, ...latency }: LatencyPlan): unknown {
  const form = latencyForm(latency);
  if (typeof form === 'string') return form;
  const of = Object.entries(operations ?? {}).map(([name, plan]) => [name, latencyData(plan)]);
  return withoutNulls({
    ...form,
    per100KiB: perBodyUs === undefined ? null : durationText(perBodyUs),
    operations: of.length === 0 ? null : Object.fromEntries(of),
  });
}

function latencyForm(latency: LatencyPlan): string | Record<string, unknown> {
  switch (latency.kind) {
    case 'fixed':
      return { fixed: durationText(latency.us) };
    case 'lognormal':
      return { median: durationText(latency.medianUs), p99: durationText(latency.p99Us) };
    case 'file':
      return { file: latency.file, tag: latency.tag };
    default:
      return latency.kind;
  }
}

function faultData(fault: FaultPlan): Record<string, unknown> {
  return withoutNulls({
    kind: fault.kind,
    rate: fault.rate,
    at: fault.atUs === null ? null : durationText(fault.atUs),
    for: fault.forUs === null ? null : durationText(fault.forUs),
    shards: fault.shards,
    operation: fault.operation,
  });
}

function phaseData({ name, durationUs, rate, measure }: PhasePlan): Record<string, unknown> {
  return { name, duration: durationText(durationUs), rate: rateData(rate), measure };
}

function rateData(rate: RatePlan): unknown {
  switch (rate.kind) {
    case 'constant':
      return rateText(rate.perSecond);
    case 'ramp':
      return { from: rateText(rate.fromPerSecond), to: rateText(rate.toPerSecond) };
    case 'steps':
      return {
        steps: {
          from: rateText(rate.fromPerSecond),
          to: rateText(rate.toPerSecond),
          step: rateText(rate.stepPerSecond),
          every: durationText(rate.everyUs),
        },
      };
    case 'sine':
      return {
        sine: {
          mean: rateText(rate.meanPerSecond),
          amplitude: rateText(rate.amplitudePerSecond),
          period: durationText(rate.periodUs),
        },
      };
    case 'burst':
      return {
        burst: {
          base: rateText(rate.basePerSecond),
          times: rate.times,
          on: durationText(rate.onUs),
          off: durationText(rate.offUs),
        },
      };
    case 'onOff':
      return {
        burst: {
          base: rateText(rate.offPerSecond),
          peak: rateText(rate.onPerSecond),
          on: durationText(rate.onUs),
          off: durationText(rate.offUs),
        },
      };
    case 'replay':
      return { replay: { file: rate.file, timeColumn: rate.timeColumn, speed: rate.speed } };
    default:
      return { closed: { concurrency: rate.concurrency } };
  }
}

function recordKindData(kind: RecordKindPlan): Record<string, unknown> {
  const { weight, partitionKey, payload, stamp } = kind;
  return { weight, partitionKey, payload: payloadData(payload), stamp };
}

function payloadData(payload: PayloadPlan): Record<string, unknown> {
  if (payload.kind === 'file') return { ...payload };
  const size = payload.size === null ? null : sizeData(payload.size);
  return withoutNulls({ ...payload, size });
}

function sizeData(size: SizePlan): Record<string, unknown> {
  switch (size.kind) {
    case 'fixed':
      return { kind: 'fixed', bytes: sizeText(size.bytes) };
    case 'uniform':
      return { kind: 'uniform', min: sizeText(size.minBytes), max: sizeText(size.maxBytes) };
    case 'lognormal':
      return {
        kind: 'lognormal',
        median: sizeText(size.medianBytes),
        p99: sizeText(size.p99Bytes),
        max: sizeText(size.maxBytes),
      };
    default:
      return {
        kind: 'empirical',
        sizes: size.sizes.map(({ bytes, weight }) => ({ bytes: sizeText(bytes), weight })),
      };
  }
}

function producerData(producer: ProducerPlan): Record<string, unknown> {
  const { aggregation, collection, rateLimit } = producer;
  return {
    profile: producer.profile,
    transport: producer.transport,
    protocol: producer.protocol,
    http: producer.http,
    aggregation: {
      enabled: aggregation.enabled,
      maxCount: aggregation.maxCount,
      maxSize: sizeText(aggregation.maxBytes),
    },
    collection: {
      maxCount: collection.maxCount,
      maxSize: sizeText(collection.maxBytes),
      maxShardSize: sizeText(collection.maxShardBytes),
    },
    maxBufferedTime: durationText(producer.maxBufferedTimeUs),
    recordTtl: durationText(producer.recordTtlUs),
    rateLimit:
      rateLimit === null
        ? 'off'
        : { percent: percentText(rateLimit.fraction), share: rateLimit.share },
    maxConnections: producer.maxConnections,
    requestTimeout: durationText(producer.requestTimeoutUs),
    failIfThrottled: producer.failIfThrottled,
    maxBufferedMemory: sizeText(producer.maxBufferedBytes),
    overload: producer.overload,
    aggregateBy: producer.aggregateBy,
    containerKey: producer.containerKey ?? 'profile',
    ordered: producer.ordered,
    maxAttempts: producer.maxAttempts ?? 'unlimited',
  };
}

function thresholdData(threshold: ThresholdPlan): unknown {
  const { expression, abortOnFail, delayUs, phase, shard } = threshold;
  if (!abortOnFail && delayUs === 0 && phase === null && shard === null) return expression;
  const delay = durationText(delayUs);
  return withoutNulls({ expr: expression, abortOnFail, delay, phase, shard });
}
