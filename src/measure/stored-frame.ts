/**
 * Frames as they are kept in files. In: a frame. Out: bytes, and from them the same frame. Histograms are most of a frame,
 * and their slots ascend: written as distances and counts in bytes of seven bits they take a third of a packed frame's.
 * Shards are rows of numbers without names.
 */
import { packValue, unpackValue } from './codec.ts';
import {
  type Frame,
  type HistogramDelta,
  LATENCY_METRICS,
  type LatencyMetric,
  type PhaseDelta,
  type ShardDelta,
} from './frame.ts';

/** The inverse of {@link frameOfStored}. */
export function storedFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const rows = frame.shards.flatMap((row) => {
    const { phase, shard, records, bytes, throttled } = row;
    return [phase, shard, records, bytes, throttled];
  });
  const slim = withSlots({ ...frame, shards: [] }, (slots) => packSlots(slots as Uint32Array));
  const stored: Stored = { frame: slim, shards: Float64Array.from(rows) };
  return packValue(stored);
}

/** Only for bytes of {@link storedFrame}: nothing else is checked. @throws RangeError where they end too early */
export function frameOfStored(bytes: Uint8Array): Frame {
  const { frame, shards } = unpackValue(bytes) as Stored;
  return { ...withSlots(frame, unpackSlots), shards: unpackShards(shards) };
}

interface Stored {
  /** Without its shards, and with bytes for slots. */
  readonly frame: Frame;
  /** Rows of {@link SHARD_COLUMNS} numbers, in the order of ShardDelta's members. */
  readonly shards: Float64Array;
}

const SHARD_COLUMNS = 5;

function unpackShards(rows: Float64Array): ShardDelta[] {
  const shards: ShardDelta[] = [];
  for (let i = 0; i < rows.length; i += SHARD_COLUMNS) {
    shards.push({
      phase: rows[i] as number,
      shard: rows[i + 1] as number,
      records: rows[i + 2] as number,
      bytes: rows[i + 3] as number,
      throttled: rows[i + 4] as number,
    });
  }
  return shards;
}

type Slots = Uint32Array | Uint8Array;

/** The frame with each histogram's slots changed; a stored frame's are bytes where the type says numbers. */
function withSlots(frame: Frame, change: (slots: Slots) => Slots): Frame {
  const changed = (delta: HistogramDelta): HistogramDelta => ({
    ...delta,
    slots: change(delta.slots) as Uint32Array,
  });
  const phases = frame.phases.map((phase): PhaseDelta => {
    const latency: { [metric in LatencyMetric]?: HistogramDelta } = {};
    for (const metric of LATENCY_METRICS) {
      const delta = phase.latency[metric];
      if (delta !== undefined) latency[metric] = changed(delta);
    }
    const { requestLatency } = phase;
    if (requestLatency === undefined) return { ...phase, latency };
    return { ...phase, latency, requestLatency: changed(requestLatency) };
  });
  return { ...frame, phases };
}

/** 32 bits in groups of seven. */
const VARINT_BYTES_MAX = 5;

/** The number of pairs, then for each the distance to the slot before it, and its count. */
function packSlots(slots: Uint32Array): Uint8Array {
  const bytes = new Uint8Array((slots.length + 1) * VARINT_BYTES_MAX);
  let at = writeVarint(bytes, 0, slots.length / 2);
  let last = 0;
  for (let i = 0; i < slots.length; i += 2) {
    const slot = slots[i] as number;
    at = writeVarint(bytes, at, slot - last);
    at = writeVarint(bytes, at, slots[i + 1] as number);
    last = slot;
  }
  return bytes.slice(0, at);
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function unpackSlots(bytes: Slots): Uint32Array {
  let at = 0;
  const next = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length) throw new RangeError('a histogram is cut off');
      const byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  const pairs = next();
  if (pairs > bytes.length) throw new RangeError('a histogram is cut off');
  const slots = new Uint32Array(2 * pairs);
  let slot = 0;
  for (let i = 0; i < pairs; i++) {
    slot += next();
    slots[2 * i] = slot;
    slots[2 * i + 1] = next();
  }
  return slots;
}
