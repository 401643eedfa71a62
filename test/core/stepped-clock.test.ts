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
        const afterUs = isPrecise ? 0 : 0.5;
        expect(firedUs % stepUs).toBe(afterUs);
        expect(firedUs - atUs).toBeGreaterThanOrEqual(0);
        expect(firedUs - atUs).toBeLessThan(stepUs + afterUs);
      }),
    );
  });

  it('fires what is precise before what is not at one instant, whichever was set first', () => {
    for (const isPreciseFirst of [true, false]) {
      const clock = new VirtualClock();
      const stepped = steppedClock(clock, { timerUs: 1000, preciseTimerUs: 100 });
      const fired: string[] = [];
      const set = [
        () => stepped.setPreciseTimer(1950, () => fired.push('precise')),
        () => stepped.setTimer(1100, () => fired.push('coarse')),
      ];
      for (const each of isPreciseFirst ? set : set.reverse()) each();
      clock.runAll();
      expect(fired).toEqual(['precise', 'coarse']);
    }
  });

  it('begins below zero where it is told to', () => {
    const clock = new VirtualClock(5, -1000);
    expect(clock.nowUs()).toBe(-1000);
    expect(clock.originEpochUs).toBe(5);
  });
});
