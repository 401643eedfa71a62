import { describe, expect, it } from 'vitest';
import type { RecordBlock } from '../../src/core/record-block.ts';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import type { Generator } from '../../src/generate/generator.ts';
import type { Outcomes } from '../../src/load/outcomes.ts';
import { PacedLoop } from '../../src/load/paced-loop.ts';
import type { Pipeline } from '../../src/producer/pipeline.ts';
import type { RatePlan } from '../../src/scenario/plan.ts';
import { compileSchedule } from '../../src/schedule/schedule.ts';

/** A producer with so much room, and what was handed to it. */
class Sink {
  room = Number.POSITIVE_INFINITY;
  outstanding = 0;
  readonly indexes: number[] = [];
  readonly atUs: number[] = [];

  put(block: RecordBlock, from: number, to: number, nowUs: number): number {
    const took = Math.min(to - from, this.room);
    this.room -= took;
    this.outstanding += took;
    for (let i = from; i < from + took; i++) {
      this.indexes.push(block.index[i] as number);
      this.atUs.push(nowUs);
    }
    return took;
  }
}

/** A loop over a second of 100/s, unless told otherwise. */
function loopOf(options: { readonly rate?: RatePlan; readonly overload?: 'wait' | 'drop' } = {}): {
  loop: PacedLoop;
  clock: VirtualClock;
  sink: Sink;
  dropped: () => number;
  droppedBytes: () => number;
  hasEnded: () => boolean;
} {
  const { rate = { kind: 'constant', perSecond: 100 }, overload = 'wait' } = options;
  const clock = new VirtualClock(0, -1000);
  const sink = new Sink();
  let droppedCount = 0;
  let droppedBytes = 0;
  let ended = false;
  const schedule = compileSchedule({
    phases: [{ name: 'hold', durationUs: 1_000_000, rate }],
    arrival: 'constant',
    seed: 1,
    replayTimesUs: [null],
  });
  const loop = new PacedLoop({
    clock,
    cursor: schedule.cursor({ producers: 1, workers: 1, worker: 0 }),
    generator: {
      payloadBytesMax: 100,
      fill: (block: RecordBlock) => {
        for (let i = 0; i < block.count; i++) block.payloadLength[i] = block.index[i] as number;
      },
    } as unknown as Generator,
    producers: [sink as unknown as Pipeline],
    workers: 1,
    outcomes: {
      generated: () => undefined,
      dropped: (block: RecordBlock, from: number, to: number) => {
        droppedCount += to - from;
        for (let i = from; i < to; i++) droppedBytes += block.payloadLength[i] as number;
      },
    } as unknown as Outcomes,
    overload,
    concurrencyShare: (whole) => whole,
    onExhausted: () => {
      ended = true;
    },
  });
  loop.start();
  return {
    loop,
    clock,
    sink,
    dropped: () => droppedCount,
    droppedBytes: () => droppedBytes,
    hasEnded: () => ended,
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('PacedLoop', () => {
  it('hands each record to its producer when it is due', () => {
    const { clock, sink, hasEnded } = loopOf();
    clock.runUntil(2_000_000);
    expect(sink.indexes).toEqual(upTo(100));
    expect(sink.atUs).toEqual(upTo(100).map((i) => i * 10_000));
    expect(hasEnded()).toBe(true);
  });

  it('catches up on everything that a full buffer held back, and tells for how long', () => {
    const { loop, clock, sink } = loopOf();
    sink.room = 10;
    clock.runUntil(600_000);
    expect(sink.indexes).toHaveLength(10);
    sink.room = Number.POSITIVE_INFINITY;
    loop.wake();
    clock.runUntil(600_000);
    // Record 10 was due at 100 ms, so that is when it began to wait.
    expect(loop.takeHeldBackUs(600_000)).toBe(500_000);
    expect(sink.indexes).toEqual(upTo(61));
    clock.runUntil(2_000_000);
    expect(sink.indexes).toEqual(upTo(100));
    expect(loop.takeHeldBackUs(2_000_000)).toBe(0);
  });

  it('drops what finds no room when told to, and goes on', () => {
    const { clock, sink, dropped } = loopOf({ overload: 'drop' });
    sink.room = 10;
    clock.runUntil(500_000);
    sink.room = Number.POSITIVE_INFINITY;
    clock.runUntil(2_000_000);
    expect(dropped()).toBe(41);
    expect(sink.indexes).toEqual([...upTo(10), ...upTo(100).slice(51)]);
  });

  it('ends where it sleeps when it is stopped', () => {
    const { loop, clock, sink, dropped, hasEnded } = loopOf();
    clock.runUntil(505_000);
    loop.stop();
    clock.runUntil(2_000_000);
    expect(sink.indexes).toHaveLength(51);
    expect(dropped()).toBe(0);
    expect(hasEnded()).toBe(false);
  });

  it('counts what a full buffer held back as dropped when it is stopped', () => {
    const { loop, clock, sink, dropped, droppedBytes } = loopOf();
    sink.room = 10;
    clock.runUntil(505_000);
    loop.stop();
    clock.runUntil(2_000_000);
    expect(sink.indexes).toHaveLength(10);
    expect(dropped()).toBe(41);
    // Record i has i bytes: those that were never generated were offered with all of theirs.
    expect(droppedBytes()).toBe((41 * (10 + 50)) / 2);
  });

  it('keeps a closed phase at its concurrency', () => {
    const { loop, clock, sink } = loopOf({ rate: { kind: 'closed', concurrency: 3 } });
    clock.runUntil(1000);
    expect(sink.indexes).toEqual(upTo(3));
    sink.outstanding = 1;
    loop.wake();
    clock.runUntil(2000);
    expect(sink.indexes).toEqual(upTo(5));
    sink.outstanding = 0;
    clock.runUntil(2_000_000);
    expect(loop.isClosedPhase).toBe(false);
  });
});
