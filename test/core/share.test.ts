import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countInShare, parseShare, workerOfAll } from '../../src/core/share.ts';

describe('a share', () => {
  it.each([
    ['0/1', { index: 0, count: 1 }],
    ['2/8', { index: 2, count: 8 }],
    [' 7/8 ', { index: 7, count: 8 }],
  ])('reads %j', (text, share) => {
    expect(parseShare(text)).toEqual(share);
  });

  it.each(['8/8', '-1/8', '1', '1/0', '1/2/3', '1.5/2', 'a/b', '', '0/100001'])(
    'refuses %j',
    (text) => {
      expect(parseShare(text)).toBeNull();
    },
  );

  it('deals every producer to exactly one thread of one share, whatever each has of threads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 60 }),
        (threadsOfShares, producers) => {
          const count = threadsOfShares.length;
          const owners = Array.from({ length: producers }, () => 0);
          for (const [index, threads] of threadsOfShares.entries()) {
            let owned = 0;
            for (let thread = 0; thread < threads; thread++) {
              const { worker, workers } = workerOfAll({ index, count }, thread, threads);
              for (let p = worker; p < producers; p += workers) {
                owners[p] = (owners[p] ?? 0) + 1;
                owned++;
              }
            }
            expect(countInShare(producers, { index, count })).toBe(owned);
          }
          expect(owners.every((times) => times === 1)).toBe(true);
        },
      ),
    );
  });
});
