import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctionUs, estimateOffset } from '../../src/core/clock-offset.ts';

/** An exchange with a server whose clock is `offsetUs` behind ours. */
function exchange(askedUs: number, offsetUs: number, thereUs: number, backUs: number, work = 10) {
  const receivedUs = askedUs + thereUs - offsetUs;
  return {
    askedUs,
    receivedUs,
    sentUs: receivedUs + work,
    answeredUs: askedUs + thereUs + work + backUs,
  };
}

describe('the offset of a clock', () => {
  it('is exact when both ways take equally long', () => {
    expect(estimateOffset([exchange(1e15, 500_000, 300, 300)])).toEqual({
      offsetUs: 500_000,
      errorUs: 300,
    });
    expect(estimateOffset([exchange(1e15, -500_000, 300, 300)])?.offsetUs).toBe(-500_000);
  });

  it('is taken from the exchange of least delay', () => {
    const exchanges = [exchange(0, 700, 9000, 100), exchange(1e6, 700, 60, 40)];
    expect(estimateOffset(exchanges)).toEqual({ offsetUs: 690, errorUs: 50 });
  });

  it('is never further off than it says, however unequal the ways are', () => {
    const delay = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 16 }),
        (offsetUs, delays) => {
          const found = estimateOffset(
            delays.map(([there, back, work], i) => exchange(i * 4e6, offsetUs, there, back, work)),
          );
          expect(Math.abs((found?.offsetUs ?? Number.NaN) - offsetUs)).toBeLessThanOrEqual(
            found?.errorUs ?? 0,
          );
        },
      ),
    );
  });

  it('is unknown without an exchange that makes sense', () => {
    expect(estimateOffset([])).toBeNull();
    const answeredBeforeAsked = { askedUs: 100, answeredUs: 50, receivedUs: 70, sentUs: 71 };
    const sentBeforeReceived = { askedUs: 0, answeredUs: 50, receivedUs: 70, sentUs: 60 };
    expect(estimateOffset([answeredBeforeAsked, sentBeforeReceived])).toBeNull();
  });

  it('corrects nothing while it may be none', () => {
    expect(correctionUs({ offsetUs: 300, errorUs: 400 })).toBe(0);
    expect(correctionUs({ offsetUs: -500, errorUs: 400 })).toBe(-500);
    expect(correctionUs(null)).toBe(0);
  });
});
