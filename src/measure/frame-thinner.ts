/**
 * Fewer frames for the same totals. In: a process's frames, those of each worker in order. Out: one frame for each worker
 * and stretch of time, the sum of those that ended in it. Invariant: counters, histograms and shards add up to the same;
 * only the resolution in time is lost. Used where a share's frames are kept for merging with thousands of others.
 */
import {
  COUNTERS,
  type DeliveryDelta,
  type Frame,
  type HistogramDelta,
  LATENCY_METRICS,
  type LatencyMetric,
  type PhaseDelta,
  type SelfDelta,
  type ShardDelta,
} from './frame.ts';
import { addCounters } from './run-totals.ts';

/** @param spanUs length of a stretch; stretches begin at whole multiples of it */
export function* thinFrames(frames: Iterable<Frame>, spanUs: number): Generator<Frame> {
  const open = new Map<number, Frame[]>();
  const given = new Map<number, number>();
  const close = (worker: number, parts: readonly Frame[]): Frame => {
    const sequence = given.get(worker) ?? 0;
    given.set(worker, sequence + 1);
    return { ...sumFrames(parts), sequence };
  };
  const stretchOf = (frame: Frame) => stretchAt(frame.endUs, spanUs);
  for (const frame of frames) {
    const parts = open.get(frame.worker) ?? [];
    const [first] = parts;
    if (first !== undefined && stretchOf(first) !== stretchOf(frame)) {
      yield close(frame.worker, parts);
      open.set(frame.worker, [frame]);
    } else open.set(frame.worker, [...parts, frame]);
  }
  for (const [worker, parts] of open) yield close(worker, parts);
}

/** A frame that ends this much after the stretch was still meant for it: its timer was late. */
const LATE_US = 250_000;

/** The stretch, from 1 on, of a frame that ends then: at a multiple of a second, or a little after it. */
export function stretchAt(endUs: number, spanUs: number): number {
  return Math.max(1, Math.ceil((endUs - LATE_US) / spanUs));
}

/** The sum of one worker's frames, oldest first, at least one. Its sequence is the first's. */
function sumFrames(parts: readonly Frame[]): Frame {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('no frame to sum');
  if (parts.length === 1) return first;
  return {
    worker: first.worker,
    sequence: first.sequence,
    startUs: first.startUs,
    endUs: last.endUs,
    phases: sumPhases(parts.flatMap(({ phases }) => phases)),
    shards: sumShards(parts.flatMap(({ shards }) => shards)),
    self: sumSelf(parts),
    events: parts.flatMap(({ events }) => events),
    ...sumDelivery(parts.flatMap(({ delivery }) => (delivery === undefined ? [] : [delivery]))),
    isLast: last.isLast,
  };
}

function sumPhases(deltas: readonly PhaseDelta[]): PhaseDelta[] {
  return grouped(deltas, ({ phase }) => phase).map((group) => {
    const counters = new Float64Array(COUNTERS.length);
    const errorCodes: Record<string, number> = {};
    for (const delta of group) {
      addCounters(counters, delta.counters);
      for (const [code, count] of Object.entries(delta.errorCodes)) {
        errorCodes[code] = (errorCodes[code] ?? 0) + count;
      }
    }
    const requestLatency = sumHistograms(group.map((delta) => delta.requestLatency));
    return {
      phase: group[0]?.phase ?? 0,
      counters,
      latency: sumLatency(group),
      ...(requestLatency === undefined ? {} : { requestLatency }),
      errorCodes,
    };
  });
}

function sumLatency(group: readonly PhaseDelta[]): PhaseDelta['latency'] {
  const sums: { [metric in LatencyMetric]?: HistogramDelta } = {};
  for (const metric of LATENCY_METRICS) {
    const sum = sumHistograms(group.map(({ latency }) => latency[metric]));
    if (sum !== undefined) sums[metric] = sum;
  }
  return sums;
}

/** Adds sparse histograms; undefined when none has values. */
function sumHistograms(parts: readonly (HistogramDelta | undefined)[]): HistogramDelta | undefined {
  let sum: HistogramDelta | undefined;
  for (const part of parts) {
    if (part === undefined) continue;
    if (sum === undefined) {
      sum = part;
      continue;
    }
    sum = {
      slots: sumSlots(sum.slots, part.slots),
      overflow: sum.overflow + part.overflow,
      sumUs: sum.sumUs + part.sumUs,
      minUs: Math.min(sum.minUs, part.minUs),
      maxUs: Math.max(sum.maxUs, part.maxUs),
    };
  }
  return sum;
}

/** Two ascending lists of (slot, count) pairs as one. */
function sumSlots(a: Uint32Array, b: Uint32Array): Uint32Array {
  const sum = new Uint32Array(a.length + b.length);
  let length = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const slotA = i < a.length ? (a[i] as number) : Number.POSITIVE_INFINITY;
    const slotB = j < b.length ? (b[j] as number) : Number.POSITIVE_INFINITY;
    sum[length++] = Math.min(slotA, slotB);
    let count = 0;
    if (slotA <= slotB) {
      count += a[i + 1] as number;
      i += 2;
    }
    if (slotB <= slotA) {
      count += b[j + 1] as number;
      j += 2;
    }
    sum[length++] = count;
  }
  return sum.slice(0, length);
}

function sumShards(deltas: readonly ShardDelta[]): ShardDelta[] {
  return grouped(deltas, ({ phase, shard }) => `${phase}/${shard}`).map((group) => ({
    phase: group[0]?.phase ?? 0,
    shard: group[0]?.shard ?? 0,
    records: group.reduce((sum, { records }) => sum + records, 0),
    bytes: group.reduce((sum, { bytes }) => sum + bytes, 0),
    throttled: group.reduce((sum, { throttled }) => sum + throttled, 0),
  }));
}

/** The latest of each producer's sequences, and all notes. */
function sumDelivery(parts: readonly DeliveryDelta[]): Pick<Frame, 'delivery'> {
  if (parts.length === 0) return {};
  const offered = new Map<number, number>();
  for (const part of parts) {
    for (let i = 0; i < part.offered.length; i += 2) {
      offered.set(part.offered[i] as number, part.offered[i + 1] as number);
    }
  }
  return {
    delivery: {
      offered: Float64Array.from([...offered].flat()),
      notes: Float64Array.from(parts.flatMap(({ notes }) => [...notes])),
      dropped: parts.reduce((sum, { dropped }) => sum + dropped, 0),
    },
  };
}

/** Times add up, shares are weighted by time, delays and memory are the worst, what is held is as at the end. */
function sumSelf(parts: readonly Frame[]): SelfDelta {
  const selves = parts.map(({ self }) => self);
  const last = selves.at(-1) as SelfDelta;
  const wallUs = parts.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const add = (read: (self: SelfDelta) => number) =>
    selves.reduce((sum, self) => sum + read(self), 0);
  const mean = (read: (self: SelfDelta) => number) =>
    wallUs === 0
      ? 0
      : parts.reduce((sum, { self, startUs, endUs }) => sum + read(self) * (endUs - startUs), 0) /
        wallUs;
  const worst = (read: (self: SelfDelta) => number) => Math.max(...selves.map(read));
  return {
    cpuUs: add((self) => self.cpuUs),
    cpuScope: last.cpuScope,
    cpuWaitUs: add((self) => self.cpuWaitUs),
    stealShare: mean((self) => self.stealShare),
    rssBytes: worst((self) => self.rssBytes),
    eventLoopDelayP99Us: worst((self) => self.eventLoopDelayP99Us),
    eventLoopUtilisation: mean((self) => self.eventLoopUtilisation),
    gcUs: add((self) => self.gcUs),
    lateRecords: add((self) => self.lateRecords),
    outstandingRecords: last.outstandingRecords,
    bufferedBytes: last.bufferedBytes,
    backPressureUs: add((self) => self.backPressureUs),
  };
}

/** Groups in the order of their first member. */
function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Item[][] {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
