import { describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
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

it('is exact in virtual time', () => {
  const clock = new VirtualClock();
  const firedUs: number[] = [];
  clock.setPreciseTimer(1500.25, () => firedUs.push(clock.nowUs()));
  clock.setTimer(1500.25, () => firedUs.push(clock.nowUs()));
  clock.runUntil(2000);
  expect(firedUs).toEqual([1500.25, 1500.25]);
});
