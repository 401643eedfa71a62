import { type ProcessOf, sumCpuUs } from './cpu-time.ts';
import { COUNTERS, type Frame, type ShardDelta } from './frame.ts';
import { addCounters, addLatency, emptyLatencyGroup, type LatencyGroup } from './run-totals.ts';

/**
 * One second of the run, or a longer stretch where frames were thinned, all workers together: the source of a timeline row.
 * Valid during the callback only.
 */
export interface Interval {
  /** 0 is the first second after the origin; of a longer stretch its last. */
  readonly second: number;
  /** First start and last end of the frames in it, and its real length: rates divide by this. */
  readonly startUs: number;
  readonly endUs: number;
  readonly durationUs: number;
  /** Workers that sent frames for it. */
  readonly workers: number;
  /** Only phases in which something happened, ascending. */
  readonly phases: readonly IntervalPhase[];
  readonly self: IntervalSelf;
}

interface IntervalPhase extends LatencyGroup {
  readonly phase: number;
  /** Order of COUNTERS. */
  readonly counters: Float64Array;
  /** By shard number. */
  readonly shards: ReadonlyMap<number, ShardDelta>;
}

/** The workers' self-watch in a second: sums, but the worst worker's delay and utilisation, and the process's memory. */
interface IntervalSelf {
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly eventLoopDelayP99Us: number;
  readonly eventLoopUtilisation: number;
  readonly gcUs: number;
  readonly lateRecords: number;
  readonly outstandingRecords: number;
  readonly bufferedBytes: number;
  readonly backPressureUs: number;
}

/** Makes intervals out of frames. Histograms are made once and used again, because each is large. */
export class IntervalBuilder {
  readonly #groups: LatencyGroup[] = [];
  readonly #processOf: ProcessOf;

  constructor(processOf: ProcessOf) {
    this.#processOf = processOf;
  }

  /** @param frames at least one; those of one second */
  build(second: number, frames: readonly Frame[]): Interval {
    const numbers = [...new Set(frames.flatMap(phasesOf))].sort((a, b) => a - b);
    const workers = new Set(frames.map((frame) => frame.worker)).size;
    return {
      second,
      startUs: Math.min(...frames.map((frame) => frame.startUs)),
      endUs: Math.max(...frames.map((frame) => frame.endUs)),
      durationUs: lengthUs(frames),
      workers,
      phases: numbers.map((phase, i) => mergePhase(phase, frames, this.#emptyGroup(i))),
      self: mergeSelf(frames, this.#processOf),
    };
  }

  #emptyGroup(i: number): LatencyGroup {
    const group = this.#groups[i] ?? emptyLatencyGroup();
    this.#groups[i] = group;
    for (const totals of Object.values(group.latency)) totals.clear();
    group.requestLatency.clear();
    return group;
  }
}

/** The workers' mean length. One that ended early had nothing to do for the rest, which is part of the length. */
function lengthUs(frames: readonly Frame[]): number {
  const lengths = new Map<number, number>();
  for (const { worker, startUs, endUs } of frames) {
    lengths.set(worker, (lengths.get(worker) ?? 0) + endUs - startUs);
  }
  const longest = Math.max(...lengths.values());
  for (const { worker, isLast } of frames) if (isLast) lengths.set(worker, longest);
  return [...lengths.values()].reduce((sum, us) => sum + us, 0) / lengths.size;
}

function phasesOf(frame: Frame): number[] {
  return [...frame.phases.map((delta) => delta.phase), ...frame.shards.map((delta) => delta.phase)];
}

function mergePhase(phase: number, frames: readonly Frame[], into: LatencyGroup): IntervalPhase {
  const counters = new Float64Array(COUNTERS.length);
  const shards = new Map<number, ShardDelta>();
  for (const frame of frames) {
    for (const delta of frame.phases) {
      if (delta.phase !== phase) continue;
      addCounters(counters, delta.counters);
      addLatency(into, delta);
    }
    for (const delta of frame.shards) if (delta.phase === phase) addShard(shards, delta);
  }
  return { phase, counters, ...into, shards };
}

function addShard(shards: Map<number, ShardDelta>, delta: ShardDelta): void {
  const sum = shards.get(delta.shard);
  const merged = sum === undefined ? delta : sumOf(sum, delta);
  shards.set(delta.shard, merged);
}

function sumOf(a: ShardDelta, b: ShardDelta): ShardDelta {
  return {
    phase: a.phase,
    shard: a.shard,
    records: a.records + b.records,
    bytes: a.bytes + b.bytes,
    throttled: a.throttled + b.throttled,
  };
}

function mergeSelf(frames: readonly Frame[], processOf: ProcessOf): IntervalSelf {
  const selves = frames.map((frame) => frame.self);
  const sum = (read: (self: Frame['self']) => number) => selves.reduce((s, x) => s + read(x), 0);
  const highest = (read: (self: Frame['self']) => number) => Math.max(...selves.map(read));
  // A worker may have two frames in a second; what it holds at the end is in the last of them.
  const last = [...new Map(frames.map((frame) => [frame.worker, frame.self])).values()];
  const threads = frames.map(({ worker, self: { cpuUs, cpuScope } }) => ({
    worker,
    cpuUs,
    cpuScope,
  }));
  return {
    cpuUs: sumCpuUs(threads, processOf),
    rssBytes: highest((self) => self.rssBytes),
    eventLoopDelayP99Us: highest((self) => self.eventLoopDelayP99Us),
    eventLoopUtilisation: highest((self) => self.eventLoopUtilisation),
    gcUs: sum((self) => self.gcUs),
    lateRecords: sum((self) => self.lateRecords),
    outstandingRecords: last.reduce((s, self) => s + self.outstandingRecords, 0),
    bufferedBytes: last.reduce((s, self) => s + self.bufferedBytes, 0),
    backPressureUs: sum((self) => self.backPressureUs),
  };
}
