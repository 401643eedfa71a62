import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  randomStream,
  randomU32,
  randomUnit53,
  streamU32,
  streamUnit53,
} from '../../src/core/random.ts';

it('draws the same from a stream as from its seed and number', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(5000), fc.maxSafeNat(), (seed, number, index) => {
      const stream = randomStream(seed, number);
      expect(streamU32(stream, index)).toBe(randomU32(seed, number, index));
      expect(streamUnit53(stream, index)).toBe(randomUnit53(seed, number, index));
    }),
  );
});

it('keeps its draws: results are reproducible from one version to the next', () => {
  expect([randomU32(42, 1, 0), randomU32(42, 1, 2 ** 40), randomU32(2 ** 45, 7, 9)]).toEqual([
    4184146451, 3637256771, 2098035126,
  ]);
});
