/**
 * A state as one file, little-endian as every platform that Node runs on. The bitmaps of the audit follow the text.
 *
 * ```
 * ┌────────────┬──────────────┬───────────────┬──────────────┬───────────┬─────────────────┐
 * │ "SSstate1" │ CRC-32 of    │ bytes of JSON │ 0, 8 bytes   │ JSON, to  │ 32-bit words of │
 * │            │ what follows │               │              │ 8 bytes   │ each bitmap     │
 * └────────────┴──────────────┴───────────────┴──────────────┴───────────┴─────────────────┘
 * ```
 */
import { crc32 } from 'node:zlib';
import type { SimulatorState } from './state.ts';

const MAGIC = Buffer.from('SSstate1');
const HEAD_BYTES = 24;

/** Place in the segments up to which a state knows of the records. */
export interface SegmentPlace {
  readonly segment: number;
  readonly offset: number;
}

export interface Snapshot {
  readonly state: SimulatorState;
  readonly place: SegmentPlace;
}

export function encodeSnapshot({ state, place }: Snapshot): Buffer {
  const { stamps } = state.audit;
  const bitmaps = stamps.producers.map(({ bits }) => bits);
  // A bitmap stands in the text by its length only.
  const replacer = (key: string, value: unknown) =>
    key === 'bits' && value instanceof Uint32Array ? value.length : value;
  const text = Buffer.from(JSON.stringify({ state, place }, replacer));
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(text.length, 12);
  const parts = [
    head,
    text,
    Buffer.alloc(-text.length & 7),
    ...bitmaps.map((bits) => Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength)),
  ];
  const file = Buffer.concat(parts);
  file.writeUInt32LE(crc32(file.subarray(12)), 8);
  return file;
}

/** null when the file is damaged. */
export function decodeSnapshot(file: Buffer): Snapshot | null {
  if (file.length < HEAD_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  if (crc32(file.subarray(12)) !== file.readUInt32LE(8)) return null;
  const textEnd = HEAD_BYTES + file.readUInt32LE(12);
  let at = (textEnd + 7) & ~7;
  const reviver = (key: string, value: unknown) => {
    if (key !== 'bits' || typeof value !== 'number') return value;
    const bits = new Uint32Array(value);
    file.copy(new Uint8Array(bits.buffer), 0, at, at + bits.byteLength);
    at += bits.byteLength;
    return bits;
  };
  return JSON.parse(file.toString('utf8', HEAD_BYTES, textEnd), reviver) as Snapshot;
}
