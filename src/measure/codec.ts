import { Packr } from 'msgpackr';
import type { Frame } from './frame.ts';

/** Typed arrays stay typed arrays; every message stands alone, so a lost one does not spoil the next. */
const OPTIONS = { moreTypes: true, useRecords: false } as const;

/** A frame as bytes in a buffer of their own, which can be transferred to another thread. */
export function packFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  return packValue(frame);
}

/** The same for any plain data. */
export function packValue(value: object): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Packr(OPTIONS).pack(value));
}

/** The inverse of {@link packFrame}. Only for frames of this program's own workers: nothing is checked. */
export function unpackFrame(packed: Uint8Array): Frame {
  return unpackValue(packed) as Frame;
}

/** The inverse of {@link packValue}; what it is must be known. */
export function unpackValue(packed: Uint8Array): unknown {
  return new Packr(OPTIONS).unpack(packed);
}
