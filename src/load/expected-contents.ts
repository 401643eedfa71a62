/**
 * What a run's records are, made again without sending: a record is a pure function of the seed and its number, so a reader
 * of the stream can hold each one against what it should be. In: the plan of the run, its origin and run id, and questions
 * in nearly rising order of sequences. Out: fingerprints. Bounded: a window of sequences for each producer; what falls out
 * of it cannot be told any more.
 */
import { Fingerprint } from '../core/fingerprint.ts';
import { RecordBlock } from '../core/record-block.ts';
import { loadPayloadFiles } from '../generate/file.ts';
import { createGenerator, type Generator } from '../generate/generator.ts';
import { KeyTable } from '../kinesis/key-table.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Cursor } from '../schedule/cursor.ts';
import { compileSchedule, type Schedule } from '../schedule/schedule.ts';
import { replayTimesOf } from './inputs.ts';

const CHUNK = 4096;
/** Four words a record: payload and key, 64 bits each. */
const WORDS = 4;
/** Chunks of all producers together: 128 MiB, eight million records. */
const CHUNKS_MAX = 2048;
/** Bytes of payloads made at once. */
const BLOCK_BYTES = 1024 * 1024;

export interface ExpectedContentsOptions {
  readonly plan: Plan;
  readonly producers: number;
  readonly runIdHigh: number;
  readonly runIdLow: number;
  readonly originEpochUs: number;
}

/**
 * A run's contents, or null where they depend on what happened: in a closed phase, records are due when others settle.
 * @throws ShardstormError when payload files are gone
 */
export function expectedContents(options: ExpectedContentsOptions): ExpectedContents | null {
  const { plan } = options;
  const schedule = compileSchedule({
    phases: plan.load.phases,
    arrival: plan.load.arrival,
    seed: plan.load.seed,
    replayTimesUs: replayTimesOf(plan),
  });
  if (schedule.phases.some(({ closed }) => closed)) return null;
  return new ExpectedContents(options, schedule);
}

/** One producer's way through its records. */
interface Walk {
  readonly cursor: Cursor;
  /** Sequence that comes next. */
  next: number;
  readonly chunks: Map<number, Uint32Array>;
}

export class ExpectedContents {
  readonly #schedule: Schedule;
  readonly #producers: number;
  readonly #generator: Generator;
  readonly #keys = new KeyTable();
  readonly #block: RecordBlock;
  readonly #walks: (Walk | undefined)[] = [];
  readonly #print = new Fingerprint();
  /** Chunks in the order in which they were made, the oldest goes first. */
  readonly #order: { readonly walk: Walk; readonly chunk: number }[] = [];

  constructor(options: ExpectedContentsOptions, schedule: Schedule) {
    const { plan, producers, runIdHigh, runIdLow, originEpochUs } = options;
    this.#schedule = schedule;
    this.#producers = producers;
    this.#generator = createGenerator({
      records: plan.records,
      seed: plan.load.seed,
      keys: this.#keys,
      stamp: { runIdHigh, runIdLow, originEpochUs },
      files: loadPayloadFiles(plan.records, plan.baseDirectory),
    });
    const records = Math.floor(BLOCK_BYTES / Math.max(1, this.#generator.payloadBytesMax));
    this.#block = new RecordBlock(Math.min(1024, Math.max(1, records)));
  }

  /**
   * Fingerprints of payload and key of a record, two words each.
   * @returns false: no such record, or it has left the window
   */
  lookUp(producer: number, sequence: number, out: Uint32Array): boolean {
    if (producer >= this.#producers) return false;
    const walk = this.#walkOf(producer);
    while (walk.next <= sequence) if (!this.#advance(walk)) return false;
    const chunk = walk.chunks.get(Math.floor(sequence / CHUNK));
    if (chunk === undefined) return false;
    const at = (sequence % CHUNK) * WORDS;
    for (let i = 0; i < WORDS; i++) out[i] = chunk[at + i] as number;
    return true;
  }

  #walkOf(producer: number): Walk {
    let walk = this.#walks[producer];
    if (walk === undefined) {
      const share = { producers: this.#producers, workers: this.#producers, worker: producer };
      walk = { cursor: this.#schedule.cursor(share), next: 0, chunks: new Map() };
      this.#walks[producer] = walk;
    }
    return walk;
  }

  /** Makes the next block of a producer's records; false when there are no more. */
  #advance(walk: Walk): boolean {
    const block = this.#block;
    block.clear();
    if (walk.cursor.fill(block, Number.POSITIVE_INFINITY, block.capacity) === 0) return false;
    this.#generator.fill(block, 0);
    const { payloads, payloadStart, payloadLength, keyId, sequence } = block;
    const keys = this.#keys;
    for (let i = 0; i < block.count; i++) {
      const number = sequence[i] as number;
      const chunk = this.#chunk(walk, Math.floor(number / CHUNK));
      const at = (number % CHUNK) * WORDS;
      const from = payloadStart[i] as number;
      this.#print.of(payloads.bytes, from, from + (payloadLength[i] as number));
      chunk[at] = this.#print.high;
      chunk[at + 1] = this.#print.low;
      const key = keyId[i] as number;
      const keyStart = keys.startOf(key);
      this.#print.of(keys.bytesOf(key), keyStart, keyStart + keys.lengthOf(key));
      chunk[at + 2] = this.#print.high;
      chunk[at + 3] = this.#print.low;
    }
    walk.next += block.count;
    return true;
  }

  #chunk(walk: Walk, number: number): Uint32Array {
    let words = walk.chunks.get(number);
    if (words !== undefined) return words;
    words = new Uint32Array(CHUNK * WORDS);
    walk.chunks.set(number, words);
    this.#order.push({ walk, chunk: number });
    if (this.#order.length > CHUNKS_MAX) {
      const oldest = this.#order.shift();
      oldest?.walk.chunks.delete(oldest.chunk);
    }
    return words;
  }
}
