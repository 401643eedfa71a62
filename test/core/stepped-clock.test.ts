import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steppedClock, VirtualClock } from '../../src/core/virtual-clock.ts';

describe('steppedClock', () => {
  it('fires at the first whole step that is not early', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.boolean(), (atUs, isPrecise) => {
        const clock = new VirtualClock();
        const stepped = steppedClock(clock, { timerUs: 1000, preciseTimerUs: 100 });
        let firedUs = -1;
        const fire = () => {
          firedUs = stepped.nowUs();
        };
        if (isPrecise) stepped.setPreciseTimer(atUs, fire);
        else stepped.setTimer(atUs, fire);
        clock.runAll();
        const stepUs = isPrecise ? 100 : 1000;
        expect(firedUs % stepUs).toBe(0);
        expect(firedUs - atUs).toBeGreaterThanOrEqual(0);
        expect(firedUs - atUs).toBeLessThan(stepUs);
      }),
    );
  });

  it('begins below zero where it is told to', () => {
    const clock = new VirtualClock(5, -1000);
    expect(clock.nowUs()).toBe(-1000);
    expect(clock.originEpochUs).toBe(5);
  });
});
