import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Timer } from '../../src/core/clock.ts';
import { VirtualClock } from '../../src/core/virtual-clock.ts';

/** What a timer or an immediate does when it fires. */
const steps = fc.array(
  fc.record({
    /** Few instants, so that many are shared, and others between them. */
    aheadUs: fc.oneof(
      { arbitrary: fc.constantFrom(0, 0, 1000.5, 0.25), weight: 4 },
      { arbitrary: fc.integer({ min: 0, max: 3000 }), weight: 1 },
    ),
    isImmediate: fc.boolean(),
    /** How many of those set so far, from the newest back, it cancels; 0: none. */
    cancelsBack: fc.integer({ min: 0, max: 6 }),
    /** How many it sets. */
    sets: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 120 },
);

it('fires by time, then in the order of setting, and never what was cancelled', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 40 }), (plan, setFirst) => {
      const clock = new VirtualClock();
      const timers: {
        atUs: number;
        timer: Timer | null;
        isCancelled: boolean;
        hasFired: boolean;
      }[] = [];
      const fired: { atUs: number; number: number }[] = [];
      let planned = 0;
      const setNext = (): void => {
        const step = plan[planned++];
        if (step === undefined) return;
        const number = timers.length;
        const atUs = clock.nowUs() + (step.isImmediate ? 0 : step.aheadUs);
        const entry = { atUs, timer: null as Timer | null, isCancelled: false, hasFired: false };
        timers.push(entry);
        const fire = (): void => {
          expect(entry.isCancelled).toBe(false);
          entry.hasFired = true;
          fired.push({ atUs: clock.nowUs(), number });
          const cancelled = step.cancelsBack === 0 ? undefined : timers.at(-step.cancelsBack);
          if (cancelled !== undefined && cancelled.timer !== null && !cancelled.hasFired) {
            cancelled.timer.cancel();
            cancelled.isCancelled = true;
          }
          for (let i = 0; i < step.sets; i++) setNext();
        };
        if (step.isImmediate) clock.setImmediate(fire);
        else entry.timer = clock.setTimer(atUs, fire);
      };
      for (let i = 0; i < setFirst; i++) setNext();
      expect(clock.runAll()).toBe(true);
      const due = timers.flatMap(({ atUs, isCancelled }, number) =>
        isCancelled ? [] : [{ atUs, number }],
      );
      due.sort((a, b) => a.atUs - b.atUs || a.number - b.number);
      expect(fired).toEqual(due);
    }),
  );
});
