import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntMap } from '../../src/core/int-map.ts';

const key = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 31 - 2 }));
const step = fc.record({
  what: fc.constantFrom('set', 'set', 'set', 'set', 'set', 'set', 'delete', 'delete', 'clear'),
  key,
  value: fc.integer({ min: 0, max: 2 ** 31 - 2 }),
});

describe('a map of integers', () => {
  it('has nothing below zero, which would mark an empty place', () => {
    const map = new IntMap();
    map.set(3, 0);
    expect(map.get(-1)).toBe(-1);
  });

  it('holds what a Map holds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const map = new IntMap();
        const expected = new Map<number, number>();
        for (const { what, key, value } of steps) {
          if (what === 'set') {
            map.set(key, value);
            expected.set(key, value);
          } else if (what === 'clear') {
            map.clear();
            expected.clear();
          } else {
            map.delete(key);
            expected.delete(key);
          }
          expect(map.size).toBe(expected.size);
          expect(map.get(key)).toBe(expected.get(key) ?? -1);
        }
        for (const [key, value] of expected) expect(map.get(key)).toBe(value);
        expect(map.sortedKeys()).toEqual([...expected.keys()].sort((a, b) => a - b));
      }),
    );
  });
});
