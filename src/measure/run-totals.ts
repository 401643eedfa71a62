import { COUNTERS, LATENCY_METRICS, type LatencyMetric, type PhaseDelta } from './frame.ts';
import { LatencyTotals } from './latency-totals.ts';
import { SecondSeries } from './second-series.ts';

/** What a shard got of one phase's records. */
export interface ShardTotals {
  records: number;
  bytes: number;
  throttled: number;
  /** The most that the shard took in any second in which the phase had records for it, whosever records they were. */
  peakRecordsPerSecond: number;
  peakBytesPerSecond: number;
}

/**
 * The latest accepted user records of a phase by the time at which they settled, in steps. Where the phase ended is not
 * asked here: a run that was stopped ends its phase earlier than planned.
 */
class SettleTail {
  static readonly STEP_US = 100_000;
  /** More than an hour of a frame a second and worker; older steps are no tail. */
  static readonly STEPS_MAX = 8192;
  readonly #acceptedByStep = new Map<number, number>();

  add(settledUs: number, accepted: number): void {
    const step = Math.round(settledUs / SettleTail.STEP_US);
    this.#acceptedByStep.set(step, (this.#acceptedByStep.get(step) ?? 0) + accepted);
    if (this.#acceptedByStep.size <= SettleTail.STEPS_MAX) return;
    for (const oldest of this.#acceptedByStep.keys()) {
      this.#acceptedByStep.delete(oldest);
      break;
    }
  }

  /** The earliest time after which at most `leftover` accepted records came; null when it is not known any more. */
  settledUs(leftover: number): number | null {
    const steps = [...this.#acceptedByStep].sort(([a], [b]) => b - a);
    let later = 0;
    for (const [step, accepted] of steps) {
      later += accepted;
      if (later > leftover) return step * SettleTail.STEP_US;
    }
    return null;
  }
}

/** The histograms of one phase. */
export interface LatencyGroup {
  readonly latency: { readonly [metric in LatencyMetric]: LatencyTotals };
  readonly requestLatency: LatencyTotals;
}

export function emptyLatencyGroup(): LatencyGroup {
  return {
    latency: {
      response: new LatencyTotals(),
      lateness: new LatencyTotals(),
      buffering: new LatencyTotals(),
      retry: new LatencyTotals(),
      service: new LatencyTotals(),
    },
    requestLatency: new LatencyTotals(),
  };
}

/** Histograms of several phases as those of one; a single one stays itself. */
export function mergeGroups(groups: readonly LatencyGroup[]): LatencyGroup {
  const [only, ...more] = groups;
  if (only !== undefined && more.length === 0) return only;
  const merged = emptyLatencyGroup();
  for (const { latency, requestLatency } of groups) {
    for (const metric of LATENCY_METRICS) merged.latency[metric].add(latency[metric]);
    merged.requestLatency.add(requestLatency);
  }
  return merged;
}

/** Everything counted of one phase. */
export class PhaseTotals implements LatencyGroup {
  /** Order of COUNTERS. */
  readonly counters = new Float64Array(COUNTERS.length);
  readonly latency: LatencyGroup['latency'];
  readonly requestLatency: LatencyTotals;
  readonly errorCodes = new Map<string, number>();
  /** By shard number. */
  readonly shards = new Map<number, ShardTotals>();
  readonly series = new SecondSeries();
  readonly tail = new SettleTail();

  constructor() {
    ({ latency: this.latency, requestLatency: this.requestLatency } = emptyLatencyGroup());
  }

  addDelta(delta: PhaseDelta): void {
    addCounters(this.counters, delta.counters);
    addLatency(this, delta);
    for (const [code, count] of Object.entries(delta.errorCodes))
      addTo(this.errorCodes, code, count);
  }

  /** Adds another phase, for the totals of a run. Series and tails of two phases do not add: they stay. */
  add(other: PhaseTotals): void {
    addCounters(this.counters, other.counters);
    for (const metric of LATENCY_METRICS) this.latency[metric].add(other.latency[metric]);
    this.requestLatency.add(other.requestLatency);
    for (const [code, count] of other.errorCodes) addTo(this.errorCodes, code, count);
    for (const [number, shard] of other.shards) this.#addShard(number, shard);
  }

  /** The shard's totals, made at its first use. */
  shard(number: number): ShardTotals {
    let shard = this.shards.get(number);
    if (shard === undefined) {
      shard = {
        records: 0,
        bytes: 0,
        throttled: 0,
        peakRecordsPerSecond: 0,
        peakBytesPerSecond: 0,
      };
      this.shards.set(number, shard);
    }
    return shard;
  }

  #addShard(number: number, other: ShardTotals): void {
    const shard = this.shard(number);
    shard.records += other.records;
    shard.bytes += other.bytes;
    shard.throttled += other.throttled;
    shard.peakRecordsPerSecond = Math.max(shard.peakRecordsPerSecond, other.peakRecordsPerSecond);
    shard.peakBytesPerSecond = Math.max(shard.peakBytesPerSecond, other.peakBytesPerSecond);
  }
}

/** Adds `part` to `sum`, place by place. */
export function addCounters(sum: Float64Array, part: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] ?? 0);
}

/** Adds a worker's histograms of an interval. */
export function addLatency(sum: LatencyGroup, delta: PhaseDelta): void {
  for (const metric of LATENCY_METRICS) {
    const grown = delta.latency[metric];
    if (grown !== undefined) sum.latency[metric].addDelta(grown);
  }
  if (delta.requestLatency !== undefined) sum.requestLatency.addDelta(delta.requestLatency);
}

function addTo(map: Map<string, number>, key: string, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount);
}
