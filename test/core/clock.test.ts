import { afterEach, describe, expect, it, vi } from 'vitest';
import { clockOrigin, originAt, realClock } from '../../src/core/clock.ts';
import { VirtualClock } from '../../src/core/virtual-clock.ts';

/** How a clock's two kinds of timers fire. */
const KINDS = ['setTimer', 'setPreciseTimer'] as const;

describe.each(KINDS)('%s of the real clock', (kind) => {
  const clock = realClock(clockOrigin());

  it.each([-5, 0, 30, 1500, 4000])('fires once, %i us ahead, never early', async (aheadUs) => {
    const atUs = clock.nowUs() + aheadUs;
    let count = 0;
    const firedUs = await new Promise<number>((resolve) => {
      clock[kind](atUs, () => {
        count++;
        resolve(clock.nowUs());
      });
      expect(count).toBe(0);
    });
    expect(firedUs).toBeGreaterThanOrEqual(atUs);
    await new Promise((resolve) => setImmediate(resolve));
    expect(count).toBe(1);
  });

  it.each([0, 1500, 4000])('does not fire once cancelled, %i us ahead', async (aheadUs) => {
    let hasFired = false;
    const atUs = clock.nowUs() + aheadUs;
    const timer = clock[kind](atUs, () => {
      hasFired = true;
    });
    timer.cancel();
    await new Promise<void>((resolve) => {
      clock.setTimer(atUs + 2000, resolve);
    });
    expect(hasFired).toBe(false);
  });

  it('reads sockets and other timers while it waits', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      clock[kind](clock.nowUs() + 20_000, () => {
        order.push('waited');
        resolve();
      });
      setImmediate(() => order.push('immediate'));
      setTimeout(() => order.push('timeout'), 1);
    });
    expect(order).toEqual(['immediate', 'timeout', 'waited']);
  });
});

it('wakes a thread with a dense schedule no more than once in 250 us, and never early', async () => {
  const clock = realClock(clockOrigin());
  const wait = (atUs: number) =>
    new Promise<number>((resolve) => {
      clock.setPreciseTimer(atUs, () => resolve(clock.nowUs()));
    });
  // Counted from before the first: the thread may lose its core between a wake-up and our look at the clock.
  const beforeUs = clock.nowUs();
  await wait(beforeUs);
  for (let i = 1; i <= 20; i++) {
    const atUs = clock.nowUs() + 10;
    const firedUs = await wait(atUs);
    expect(firedUs).toBeGreaterThanOrEqual(Math.max(atUs, beforeUs + i * 250 - 1));
  }
});

describe('a wall clock that is set while a run is under way', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([-3_600_000, 3_600_000])(
    'by %i ms changes neither times, nor timers, nor the origin',
    async (jumpMs) => {
      const origin = clockOrigin();
      const clock = realClock(origin);
      const wallMs = Date.now();
      const beforeUs = clock.nowUs();
      const fired = new Promise<number>((resolve) => {
        clock.setTimer(beforeUs + 3000, () => resolve(clock.nowUs()));
      });
      vi.spyOn(Date, 'now').mockImplementation(() => wallMs + jumpMs);
      const atUs = await fired;
      expect(atUs - beforeUs).toBeGreaterThanOrEqual(3000);
      expect(atUs - beforeUs).toBeLessThan(60_000_000);
      expect(clock.originEpochUs).toBe(origin.epochUs);
    },
  );

  it('before a common start is followed: the start is an instant of the wall', () => {
    const wallMs = Date.now();
    const startUs = (wallMs + 10_000) * 1000;
    const planned = originAt(startUs);
    vi.spyOn(Date, 'now').mockImplementation(() => wallMs + 4000);
    const anew = originAt(startUs);
    expect((planned.monotonicUs - anew.monotonicUs) / 1e6).toBeCloseTo(4, 0);
    expect(anew.epochUs).toBe(startUs);
  });
});

it('is exact in virtual time', () => {
  const clock = new VirtualClock();
  const firedUs: number[] = [];
  clock.setPreciseTimer(1500.25, () => firedUs.push(clock.nowUs()));
  clock.setTimer(1500.25, () => firedUs.push(clock.nowUs()));
  clock.runUntil(2000);
  expect(firedUs).toEqual([1500.25, 1500.25]);
});
