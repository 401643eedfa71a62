import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearestName } from '../../src/core/nearest.ts';

describe('the nearest name', () => {
  it.each([
    ['agregation', ['aggregation', 'collection'], 'aggregation'],
    ['maxsize', ['maxSize', 'maxCount'], 'maxSize'],
    ['wiat', ['wait', 'drop'], 'wait'],
    ['zzz', ['wait', 'drop'], null],
    ['x', [], null],
  ])('of %s', (typed, known, nearest) => {
    expect(nearestName(typed, known)).toBe(nearest);
  });

  it('is suggested, or nothing is', () => {
    expect(didYouMean('sede', ['seed'])).toBe('; did you mean "seed"?');
    expect(didYouMean('sede', ['arrival'])).toBe('');
  });
});

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['flaw', 'lawn', 2],
  ])('of %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is zero for equal texts only, the same both ways, and at most the longer length', () => {
    const short = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
