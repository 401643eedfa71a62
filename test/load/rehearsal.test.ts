import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import { isDense, rehearse } from '../../src/load/rehearsal.ts';
import { COUNTER_INDEX, type Frame } from '../../src/measure/frame.ts';
import { UNWATCHED } from '../../src/measure/self-watch.ts';
import { planOf } from '../virtual/harness.ts';

describe('isDense', () => {
  it.each([
    { rate: '100000/s', workers: 1, dense: true },
    { rate: '100000/s', workers: 8, dense: false },
    { rate: '{ from: 0/s, to: 50000/s }', workers: 1, dense: true },
    { rate: '{ burst: { base: 100/s, times: 1000, on: 1s, off: 1s } }', workers: 4, dense: true },
    { rate: '1000/s', workers: 1, dense: false },
    { rate: '{ closed: { concurrency: 1000 } }', workers: 1, dense: false },
  ])('$rate to $workers threads: $dense', ({ rate, workers, dense }) => {
    expect(isDense(planOf(`load.phases.hold.rate=${rate}`), workers)).toBe(dense);
  });
});

describe('rehearse', () => {
  async function framesOf(...set: string[]) {
    const clock = new VirtualClock();
    const frames: Frame[] = [];
    let hasEnded = false;
    const rehearsal = rehearse({
      plan: planOf(...set),
      producers: 3,
      files: [null],
      clock,
      watch: (state) => ({ ...UNWATCHED, ...state }),
      onFrame: (frame) => frames.push(frame),
    }).then(() => {
      hasEnded = true;
    });
    expect(clock.runAll(1e6)).toBe(true);
    await Promise.race([rehearsal, Promise.resolve()]);
    await Promise.resolve();
    expect(hasEnded).toBe(true);
    const sum = (name: keyof typeof COUNTER_INDEX) =>
      frames
        .flatMap(({ phases }) => phases)
        .reduce((total, { counters }) => total + (counters[COUNTER_INDEX[name]] as number), 0);
    return { frames, sum, atUs: clock.nowUs() };
  }

  it('makes records in several phases, all accepted, and leaves nothing running', async () => {
    const { frames, sum } = await framesOf('producer.rateLimit=off');
    expect(sum('userRecords.offered')).toBe(40_000);
    expect(sum('userRecords.accepted')).toBe(40_000);
    expect(new Set(frames.flatMap(({ phases }) => phases.map(({ phase }) => phase))).size).toBe(4);
    expect(frames.at(-1)?.isLast).toBe(true);
  });

  it('ends at once when a limiter holds its records', async () => {
    const { sum, atUs } = await framesOf(
      'producer.rateLimit=1%',
      'producer.aggregation.enabled=false',
    );
    expect(sum('userRecords.accepted')).toBeLessThan(20_000);
    expect(atUs).toBeLessThan(200_000);
  });
});
