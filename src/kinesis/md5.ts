/**
 * MD5 of many messages at once. In: a batch of messages, which may differ in length. Out: each one's digest, the same
 * whichever engine is used. OpenSSL hashes one message at a time and every step of MD5 waits for the one before it;
 * WebAssembly vectors hash eight messages side by side (scripts/md5-wat.ts), and reach more than three times the bytes a
 * second. Invariant: vectors are used only where they agreed with OpenSSL when the engine was made.
 */
import { hash } from 'node:crypto';
import { copyBytes } from '../core/byte-buffer.ts';
import { MD5_INPUT_START, MD5_MODULE } from './md5-module.ts';

const MD5_BYTES = 16;

/** Messages to be hashed together. One object serves many batches, so that nothing is made for each message. */
export interface Md5Batch {
  /** Message `i` is `bytesOf(i)[startOf(i), endOf(i))`. */
  bytesOf(i: number): Uint8Array;
  startOf(i: number): number;
  endOf(i: number): number;
  /** Takes the digest of message `i`: 16 bytes, valid during the call. Messages end in any order. */
  finish(i: number, digest: Uint8Array): void;
}

/** Not to be used by two threads, nor from within a batch. */
export interface Md5 {
  /** `simd`: eight messages at once; `openssl`: one after the other. */
  readonly engine: 'simd' | 'openssl';
  /** Hashes the messages 0 … count-1. */
  hashAll(batch: Md5Batch, count: number): void;
}

/** The fastest engine that works here. Takes about a millisecond: one for each thread. */
export function createMd5(): Md5 {
  try {
    const md5 = new SimdMd5(Buffer.from(MD5_MODULE, 'base64'));
    if (agreesWithOpenSsl(md5)) return md5;
  } catch {
    // No WebAssembly or no vectors in it; nothing is lost but speed.
  }
  return openSslMd5();
}

/** One message after the other. */
export function openSslMd5(): Md5 {
  return {
    engine: 'openssl',
    hashAll(batch, count) {
      for (let i = 0; i < count; i++) {
        const message = batch.bytesOf(i).subarray(batch.startOf(i), batch.endOf(i));
        batch.finish(i, hash('md5', message, 'buffer'));
      }
    },
  };
}

const LANES = 8;
const BLOCK_BYTES = 64;
/** Bytes of a message that are brought into the module's memory at a time: all lanes stay in a core's second cache. */
const CHUNK_BYTES = 8 * 1024;
/** What padding adds at the most, and no multiple of 4 KiB, so that lanes do not share cache sets. */
const PADDING_BYTES_MAX = 128;
const LANE_BYTES = CHUNK_BYTES + PADDING_BYTES_MAX;
/** The 64-bit length and the 0x80 before it. */
const PADDING_BYTES_MIN = 9;
/** So few messages are faster one by one. */
const ONE_BY_ONE_MAX = 2;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const;

type Addresses = [number, number, number, number, number, number, number, number];

interface Md5Exports {
  readonly memory: WebAssembly.Memory;
  readonly lanes: (...args: [...Addresses, blocks: number]) => void;
  readonly single: (address: number, blocks: number, stateAddress: number) => void;
}

/**
 * Each lane works on a message; all lanes advance by as many blocks as the shortest has in memory, then those that are
 * through take their next chunk or the next message. The last ones, with lanes to spare, go on one by one.
 */
export class SimdMd5 implements Md5 {
  readonly engine = 'simd';
  readonly #exports: Md5Exports;
  readonly #memory: Uint8Array;
  /** State words by group, word and lane of the group. */
  readonly #state: Uint32Array;
  readonly #digest = new Uint8Array(MD5_BYTES);
  readonly #digestWords = new Uint32Array(this.#digest.buffer);
  /** By lane: its message or -1, the bytes of it that were brought in, and the blocks in memory to be done. */
  readonly #message = new Int32Array(LANES).fill(-1);
  readonly #at = new Float64Array(LANES);
  readonly #address = new Int32Array(LANES);
  readonly #blocks = new Int32Array(LANES);
  readonly #isPadded = new Uint8Array(LANES);
  #active = 0;

  constructor(module: Uint8Array<ArrayBuffer>) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module));
    this.#exports = instance.exports as unknown as Md5Exports;
    const { buffer } = this.#exports.memory;
    this.#memory = new Uint8Array(buffer);
    this.#state = new Uint32Array(buffer, 0, LANES * 4);
  }

  hashAll(batch: Md5Batch, count: number): void {
    let next = 0;
    for (let lane = 0; lane < LANES; lane++) {
      this.#address[lane] = laneStart(lane);
      if (next < count) this.#begin(lane, next++, batch);
    }
    while (this.#active > 0) {
      if (this.#active > ONE_BY_ONE_MAX) this.#advanceTogether();
      else this.#advanceSingly();
      for (let lane = 0; lane < LANES; lane++) {
        const message = this.#message[lane] as number;
        if (message < 0 || (this.#blocks[lane] as number) > 0) continue;
        if (this.#isPadded[lane] === 0) {
          this.#load(lane, batch);
          continue;
        }
        this.#active--;
        this.#message[lane] = -1;
        this.#address[lane] = laneStart(lane);
        this.#takeDigest(lane);
        batch.finish(message, this.#digest);
        if (next < count) this.#begin(lane, next++, batch);
      }
    }
  }

  #begin(lane: number, message: number, batch: Md5Batch): void {
    const at = stateIndex(lane);
    for (let word = 0; word < 4; word++) this.#state[at + word * 4] = START[word] as number;
    this.#message[lane] = message;
    this.#at[lane] = batch.startOf(message);
    this.#isPadded[lane] = 0;
    this.#active++;
    this.#load(lane, batch);
  }

  /** Brings in a lane's next chunk, and the padding behind its last. */
  #load(lane: number, batch: Md5Batch): void {
    const memory = this.#memory;
    const message = this.#message[lane] as number;
    const from = this.#at[lane] as number;
    const messageEnd = batch.endOf(message);
    const end = Math.min(from + CHUNK_BYTES, messageEnd);
    const to = laneStart(lane);
    copyBytes(batch.bytesOf(message), from, end, memory, to);
    let bytes = end - from;
    if (end === messageEnd) {
      const padded = Math.ceil((bytes + PADDING_BYTES_MIN) / BLOCK_BYTES) * BLOCK_BYTES;
      memory[to + bytes] = 0x80;
      memory.fill(0, to + bytes + 1, to + padded);
      const messageBytes = end - batch.startOf(message);
      writeBitLength(memory, to + padded - 8, messageBytes);
      bytes = padded;
      this.#isPadded[lane] = 1;
    }
    this.#at[lane] = end;
    this.#address[lane] = to;
    this.#blocks[lane] = bytes / BLOCK_BYTES;
  }

  #advanceTogether(): void {
    const a = this.#address;
    let blocks = LANE_BYTES / BLOCK_BYTES;
    for (let lane = 0; lane < LANES; lane++) {
      if ((this.#message[lane] as number) < 0) continue;
      blocks = Math.min(blocks, this.#blocks[lane] as number);
    }
    this.#exports.lanes(
      a[0] as number,
      a[1] as number,
      a[2] as number,
      a[3] as number,
      a[4] as number,
      a[5] as number,
      a[6] as number,
      a[7] as number,
      blocks,
    );
    for (let lane = 0; lane < LANES; lane++) {
      if ((this.#message[lane] as number) < 0) continue;
      a[lane] = (a[lane] as number) + blocks * BLOCK_BYTES;
      this.#blocks[lane] = (this.#blocks[lane] as number) - blocks;
    }
  }

  #advanceSingly(): void {
    for (let lane = 0; lane < LANES; lane++) {
      if ((this.#message[lane] as number) < 0) continue;
      const blocks = this.#blocks[lane] as number;
      this.#exports.single(this.#address[lane] as number, blocks, stateIndex(lane) * 4);
      this.#blocks[lane] = 0;
    }
  }

  #takeDigest(lane: number): void {
    const at = stateIndex(lane);
    for (let word = 0; word < 4; word++) {
      this.#digestWords[word] = this.#state[at + word * 4] as number;
    }
  }
}

const laneStart = (lane: number) => MD5_INPUT_START + lane * LANE_BYTES;

/** Index of a lane's first state word; the next ones follow every four. */
const stateIndex = (lane: number) => (lane >> 2) * 16 + (lane & 3);

/** 64 bits, least significant byte first. */
function writeBitLength(memory: Uint8Array, at: number, bytes: number): void {
  let rest = bytes * 8;
  for (let i = 0; i < 8; i++) {
    memory[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** More messages than lanes, at the lengths where padding and chunks change. */
function agreesWithOpenSsl(md5: Md5): boolean {
  const lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, CHUNK_BYTES - 1, CHUNK_BYTES + 70, 11];
  const bytes = Uint8Array.from({ length: Math.max(...lengths) }, (_, i) => (i * 167 + 13) & 255);
  let agreed = 0;
  const batch: Md5Batch = {
    bytesOf: () => bytes,
    startOf: () => 0,
    endOf: (i) => lengths[i] as number,
    finish(i, digest) {
      const expected = hash('md5', bytes.subarray(0, lengths[i]), 'buffer');
      if (expected.equals(digest)) agreed++;
    },
  };
  md5.hashAll(batch, lengths.length);
  return agreed === lengths.length;
}
