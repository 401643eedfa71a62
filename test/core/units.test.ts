import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPercent } from '../../src/core/units.ts';

describe('formatPercent', () => {
  it.each([
    [0, '0.0 %'],
    [0.000049, '<0.01 %'],
    [0.0034, '0.34 %'],
    [0.125, '12.5 %'],
    [0.998, '99.8 %'],
    [0.9995, '99.95 %'],
    [0.99995, '>99.99 %'],
    [1, '100.0 %'],
    [1.0004, '100.04 %'],
    [1.000001, '>100.0 %'],
    [1.5, '150.0 %'],
    [-0.125, '-12.5 %'],
    [Number.NaN, '-'],
  ])('writes %d as %s', (fraction, text) => {
    expect(formatPercent(fraction)).toBe(text);
  });

  it('says all or nothing of all and nothing only', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2, noNaN: true }), (fraction) => {
        const text = formatPercent(fraction);
        expect(/^0\.0+ %$/.test(text)).toBe(fraction === 0);
        expect(/^100\.0+ %$/.test(text)).toBe(fraction * 100 === 100);
      }),
    );
  });
});
