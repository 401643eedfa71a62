/**
 * frames.bin of a share's result: the frames of its workers, so that merging shares is adding frames, as within one run.
 * In: packed frames while the run goes on. Out: the same, thinned in time until they fit, but never below a frame for each
 * worker and {@link SPAN_SECONDS_MAX}. Invariant: what all shares of a run hold together is bounded, whatever its length:
 * by {@link FLEET_BYTES_MAX}, or where they are so many, with so many shards, that their fewest frames take more, by those.
 *
 * The file: "SSf2", the length of its frames' stretches (u32, seconds; 1: they are as they came), then for each frame its
 * length (u32), the end of its interval (f64, microseconds), its bytes deflated. Big-endian. A stored frame, deflated,
 * takes an eighth of one packed for another thread.
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { unpackFrame } from '../measure/codec.ts';
import type { Frame } from '../measure/frame.ts';
import { thinFrames } from '../measure/frame-thinner.ts';
import { frameOfStored, storedFrame } from '../measure/stored-frame.ts';

const MAGIC = Buffer.from('SSf2', 'latin1');
const FILE_HEAD_BYTES = MAGIC.length + 4;
const HEAD_BYTES = 12;
/** What the frames of all shares of a run may come to: merging reads and adds every one of them. */
const FLEET_BYTES_MAX = 256 * 1024 * 1024;
/** One share's frames never come to more, and are never thinned below. */
const SHARE_BYTES_MAX = 32 * 1024 * 1024;
const SHARE_BYTES_MIN = 16 * 1024;
/** By how much a file grows that cannot be thinned to its bound, before it is thinned again. */
const GROWTH_BYTES_MIN = 1024 * 1024;
/** Longest interval of a thinned frame; more than that is no timeline. */
const SPAN_SECONDS_MAX = 4096;

/** What one of `count` shares may keep. */
export function shareBytesMax(count: number): number {
  const fair = Math.floor(FLEET_BYTES_MAX / count);
  return Math.max(SHARE_BYTES_MIN, Math.min(SHARE_BYTES_MAX, fair));
}

/** The file being written: it grows to twice its bound before it is thinned, so that thinning is rare. */
export class FrameSpool {
  readonly #path: string;
  readonly #bytesMax: number;
  #spanSeconds = 1;
  #bytes = FILE_HEAD_BYTES;
  /** Thinned when it is larger. */
  #growthMax: number;

  /** Makes the file. @throws the file system's error, here and in all methods */
  constructor(path: string, bytesMax: number) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#growthMax = 2 * bytesMax;
    writeFileSync(path, fileHead(1), { flag: 'wx' });
  }

  add(packed: Uint8Array): void {
    const entry = entryOf(unpackFrame(packed));
    appendFileSync(this.#path, entry);
    this.#bytes += entry.length;
    if (this.#bytes > this.#growthMax) this.#thin();
  }

  /**
   * The last frame has been added. The last stretch is thinned as the others: a finer end would help nobody.
   * @returns SHA-256 of the file, hexadecimal
   */
  finish(): string {
    if (this.#bytes > this.#bytesMax || this.#spanSeconds > 1) this.#thin();
    return sha256(readFileSync(this.#path));
  }

  /** First the new frames to the resolution of the old ones; all to a coarser one only where that is not enough. */
  #thin(): void {
    if (this.#spanSeconds > 1) this.#rewrite();
    while (this.#bytes > this.#bytesMax && this.#spanSeconds < SPAN_SECONDS_MAX) {
      this.#spanSeconds *= 2;
      this.#rewrite();
    }
    // What is left may be more than the bound: then it is not looked at again for every frame that comes.
    const isBounded = this.#bytes <= this.#bytesMax;
    this.#growthMax = isBounded ? 2 * this.#bytesMax : this.#bytes + GROWTH_BYTES_MIN;
  }

  /** One stretch of frames at a time is in memory. */
  #rewrite(): void {
    const { entries } = readFrames(this.#path);
    const parts: Uint8Array[] = [fileHead(this.#spanSeconds)];
    for (const frame of thinFrames(decoded(entries), this.#spanSeconds * 1_000_000)) {
      parts.push(entryOf(frame));
    }
    const whole = Buffer.concat(parts);
    writeFileSync(this.#path, whole);
    this.#bytes = whole.length;
  }
}

function fileHead(spanSeconds: number): Uint8Array {
  const head = Buffer.alloc(FILE_HEAD_BYTES);
  head.set(MAGIC);
  head.writeUInt32BE(spanSeconds, MAGIC.length);
  return head;
}

function* decoded(entries: readonly FrameEntry[]): Generator<Frame> {
  for (const { frame } of entries) yield frame();
}

function entryOf(frame: Frame): Uint8Array {
  const packed = deflateRawSync(storedFrame(frame), { level: 1 });
  const entry = Buffer.allocUnsafe(HEAD_BYTES + packed.length);
  entry.writeUInt32BE(packed.length, 0);
  entry.writeDoubleBE(frame.endUs, 4);
  entry.set(packed, HEAD_BYTES);
  return entry;
}

/** Bytes of a file. */
interface Place {
  readonly start: number;
  readonly length: number;
}

/** A frame in a file whose table has been read. */
export interface FrameEntry {
  readonly endUs: number;
  /** Reads the frame from its file; nothing of it is kept. */
  readonly frame: () => Frame;
}

/** A share's frames. */
export interface FrameFile {
  /** Length of the stretches that they were thinned to; a second: each is as its worker told it. */
  readonly spanUs: number;
  readonly entries: readonly FrameEntry[];
}

/**
 * The frames of a file, in its order; each is read when it is asked for, so that those of a thousand files take no memory.
 * @param digest SHA-256 of the whole file as its share knows it; absent: it is the writer's own
 * @throws SHARDSTORM_RESULTS_UNREADABLE for a file that is not one, was cut off, or is another share's
 */
export function readFrames(path: string, digest?: string): FrameFile {
  const bytes = readWhole(path);
  if (digest !== undefined && sha256(bytes) !== digest) {
    throw damaged(path, 'it is damaged, or not the one that the share wrote');
  }
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged(path, 'it has another format');
  const entries: FrameEntry[] = [];
  if (bytes.length < FILE_HEAD_BYTES) throw damaged(path, 'it is cut off');
  const spanUs = bytes.readUInt32BE(MAGIC.length) * 1_000_000;
  let at = FILE_HEAD_BYTES;
  while (at < bytes.length) {
    const start = at + HEAD_BYTES;
    const end = start <= bytes.length ? start + bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) throw damaged(path, `it is cut off after ${entries.length} frames`);
    const place = { start, length: end - start };
    entries.push({ endUs: bytes.readDoubleBE(at + 4), frame: () => readFrame(path, place) });
    at = end;
  }
  return { spanUs, entries };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readFrame(path: string, { start, length }: Place): Frame {
  try {
    const packed = Buffer.allocUnsafe(length);
    const file = openSync(path, 'r');
    try {
      if (readSync(file, packed, 0, length, start) < length) throw new Error('it is cut off');
    } finally {
      closeSync(file);
    }
    return frameOfStored(inflateRawSync(packed));
  } catch (thrown) {
    throw damaged(path, describeCause(thrown));
  }
}

function readWhole(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw damaged(path, describeCause(thrown));
  }
}

function damaged(path: string, problem: string): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_RESULTS_UNREADABLE',
    `cannot read the frames of a share ${path}: ${problem}`,
    { hint: 'Copy the result folder of that share again, whole.' },
  );
}
