import type { Clock, Timer } from '../core/clock.ts';
import { RecordBlock } from '../core/record-block.ts';
import type { Generator } from '../generate/generator.ts';
import type { Pipeline } from '../producer/pipeline.ts';
import type { Cursor } from '../schedule/cursor.ts';
import type { Outcomes } from './outcomes.ts';

/** Records in one block at the most; between blocks of a turn nothing else runs. */
const BLOCK_RECORDS_MAX = 512;
/** Payload bytes of one block: what the producer copies right after must still be in the second-level cache. */
const BLOCK_BYTES = 128 * 1024;
/** Records that were never generated whose sizes are looked up one by one; the rest counts with their mean. */
const MISSED_EXACT_MAX = 1_000_000;
/** Blocks in one turn of the event loop, so that answers are read while the loop catches up. */
const BLOCKS_PER_TURN = 4;

export interface PacedLoopOptions {
  readonly clock: Clock;
  readonly cursor: Cursor;
  readonly generator: Generator;
  /** Producer p of the run is `producers[floor(p / workers)]`. */
  readonly producers: readonly Pipeline[];
  readonly workers: number;
  readonly outcomes: Outcomes;
  readonly overload: 'wait' | 'drop';
  /** This thread's share of a closed phase's concurrency, given the whole. */
  readonly concurrencyShare: (concurrency: number) => number;
  /** Called once when every record of the schedule has been generated. */
  readonly onExhausted: () => void;
}

/**
 * The open loop: at each turn everything that is due by now is generated and handed to its producer, each record with
 * its own intended time; then it sleeps until the next is due. A slow target never slows it. When a producer's buffer is
 * full it waits (later records grow late, which is measured) or drops (which is counted); it never skips.
 *
 * In a closed phase, records are due as soon as fewer than the concurrency are outstanding.
 */
export class PacedLoop {
  /** Time in which generation stood still because a buffer was full, since it was last taken. */
  #heldBackUs = 0;
  #heldBackSinceUs = -1;
  readonly #options: PacedLoopOptions;
  readonly #block: RecordBlock;
  /** Records of the block before this one are with their producers. */
  #taken = 0;
  #timer: Timer | null = null;
  #isWakePending = false;
  #hasEnded = false;

  constructor(options: PacedLoopOptions) {
    this.#options = options;
    const { payloadBytesMax } = options.generator;
    const records = Math.floor(BLOCK_BYTES / Math.max(1, payloadBytesMax));
    this.#block = new RecordBlock(Math.min(BLOCK_RECORDS_MAX, Math.max(1, records)));
  }

  /** Begins at the first due time, which may lie ahead. */
  start(): void {
    this.#sleep(this.#options.clock.nowUs());
  }

  /** There is room in a producer's buffer, or a closed phase's record has settled: goes on at the next turn. */
  readonly wake = (): void => {
    if (this.#isWakePending || this.#hasEnded) return;
    this.#isWakePending = true;
    this.#options.clock.setImmediate(this.#turn);
  };

  /** Whether records are due as others settle. */
  get isClosedPhase(): boolean {
    return this.#options.cursor.concurrency > 0;
  }

  /**
   * Generates nothing more. Records that should have been taken by now are counted as dropped; those that fell due while
   * it slept until the next are not, because the load ends where it went to sleep.
   */
  stop(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const isAsleep = this.#timer !== null && !this.#isWakePending;
    this.#timer?.cancel();
    const { cursor, outcomes, clock } = this.#options;
    const block = this.#block;
    const nowUs = clock.nowUs();
    this.#noteProgress(nowUs);
    outcomes.dropped(block, this.#taken, block.count);
    if (cursor.concurrency === 0 && !isAsleep) this.#dropMissed(nowUs);
  }

  /** What fell due and was never generated was offered too, with its bytes. Bounded: a backlog may be millions. */
  #dropMissed(nowUs: number): void {
    const { cursor, generator, outcomes } = this.#options;
    const block = this.#block;
    let missed = 0;
    let bytes = 0;
    for (;;) {
      block.clear();
      const count = cursor.fill(block, nowUs, block.capacity);
      if (count === 0) return;
      if (missed < MISSED_EXACT_MAX) {
        generator.fill(block, 0);
        missed += count;
        for (let i = 0; i < count; i++) bytes += block.payloadLength[i] as number;
      } else block.payloadLength.fill(Math.round(bytes / missed), 0, count);
      outcomes.dropped(block, 0, count);
    }
  }

  /** The time held back since the last call. */
  takeHeldBackUs(nowUs: number): number {
    if (this.#heldBackSinceUs >= 0) {
      this.#heldBackUs += nowUs - this.#heldBackSinceUs;
      this.#heldBackSinceUs = nowUs;
    }
    const us = this.#heldBackUs;
    this.#heldBackUs = 0;
    return us;
  }

  readonly #turn = (): void => {
    this.#isWakePending = false;
    if (this.#hasEnded) return;
    this.#timer?.cancel();
    this.#timer = null;
    const { clock } = this.#options;
    for (let blocks = 0; blocks < BLOCKS_PER_TURN; blocks++) {
      const nowUs = clock.nowUs();
      if (this.#taken === this.#block.count && !this.#nextBlock(nowUs)) {
        this.#sleep(nowUs);
        return;
      }
      if (!this.#hand(nowUs)) return;
      if (this.#hasCaughtUp()) {
        this.#sleep(nowUs);
        return;
      }
    }
    this.wake();
  };

  /**
   * Whether the block was all that was due when it was begun. What fell due since is little: it is made together with what
   * follows, not in blocks that get smaller and smaller.
   */
  #hasCaughtUp(): boolean {
    const isOpen = this.#options.cursor.concurrency === 0;
    return isOpen && this.#block.count < this.#block.capacity;
  }

  /** Fills the block with what is due; false when nothing is. */
  #nextBlock(nowUs: number): boolean {
    const { cursor, generator } = this.#options;
    const block = this.#block;
    block.clear();
    this.#taken = 0;
    const limit = cursor.concurrency > 0 ? this.#closedRoom() : block.capacity;
    // With no room it is asked too: that is how a closed phase ends while all its records are out.
    if (cursor.fill(block, nowUs, Math.max(0, limit)) === 0) return false;
    generator.fill(block, 0);
    return true;
  }

  #closedRoom(): number {
    const { cursor, producers, concurrencyShare } = this.#options;
    let outstanding = 0;
    for (const producer of producers) outstanding += producer.outstanding;
    return Math.min(this.#block.capacity, concurrencyShare(cursor.concurrency) - outstanding);
  }

  /** Hands the block's records to their producers; false when one must wait. */
  #hand(nowUs: number): boolean {
    const { producers, workers, outcomes, overload } = this.#options;
    const block = this.#block;
    const owner = block.producer;
    while (this.#taken < block.count) {
      const from = this.#taken;
      const producer = owner[from] as number;
      let to = from + 1;
      while (to < block.count && owner[to] === producer) to++;
      const pipeline = producers[Math.floor(producer / workers)] as Pipeline;
      const took = pipeline.put(block, from, to, nowUs);
      outcomes.generated(block, from, from + took, nowUs);
      this.#taken = from + took;
      if (this.#taken === to) continue;
      if (overload === 'wait') {
        if (this.#heldBackSinceUs < 0) this.#heldBackSinceUs = nowUs;
        return false;
      }
      outcomes.dropped(block, this.#taken, this.#taken + 1);
      this.#taken++;
    }
    this.#noteProgress(nowUs);
    return true;
  }

  #noteProgress(nowUs: number): void {
    if (this.#heldBackSinceUs < 0) return;
    this.#heldBackUs += nowUs - this.#heldBackSinceUs;
    this.#heldBackSinceUs = -1;
  }

  /** Whether no answer is on its way. */
  readonly #isQuiet = (): boolean => {
    for (const producer of this.#options.producers) if (producer.inFlight > 0) return false;
    return true;
  };

  #sleep(nowUs: number): void {
    const { cursor, clock, onExhausted } = this.#options;
    if (cursor.nextDueUs === Number.POSITIVE_INFINITY) {
      this.#hasEnded = true;
      onExhausted();
    } else if (cursor.concurrency === 0 || nowUs < cursor.nextDueUs) {
      this.#timer = clock.setPreciseTimer(cursor.nextDueUs, this.#turn, this.#isQuiet);
    } else {
      // A closed phase with no room: the next answer wakes it; the timer is for the phase's end.
      this.#timer = clock.setTimer(nowUs + CLOSED_PHASE_LOOK_US, this.#turn);
    }
  }
}

/** How often a closed phase looks whether it is over while all its records are out. */
const CLOSED_PHASE_LOOK_US = 10_000;
