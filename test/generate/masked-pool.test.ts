import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maskModule } from '../../scripts/mask-module.ts';
import { RandomSequence } from '../../src/core/random.ts';
import { MaskedPool, OVERRUN_WORDS, POOL_WORDS } from '../../src/generate/masked-pool.ts';

const SEED = 42;
const STREAM = 6;
const vectors = new MaskedPool(SEED, STREAM);
const loop = new MaskedPool(SEED, STREAM, false);

function write(pool: MaskedPool, from: number, count: number, place: number, mask: number) {
  const words = new Int32Array(from + count + OVERRUN_WORDS + 3).fill(-1);
  pool.write(words, new Uint8Array(words.buffer), from, from + count, place, mask);
  return words;
}

it('writes words of the pool, which is a random sequence, changed by the mask', () => {
  const sequence = new RandomSequence(SEED, STREAM);
  const first = Array.from({ length: 200 }, () => sequence.u32());
  const expected = Int32Array.from(first, (word) => word ^ 0x1234_5678);
  for (const pool of [vectors, loop]) {
    expect(write(pool, 5, 200, 0, 0x1234_5678).slice(5, 205)).toEqual(expected);
  }
});

it('writes the same with vectors as with a loop, and nothing before or far behind it', () => {
  const count = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 0, max: POOL_WORDS }),
    fc.constantFrom(63, 64, 65, 127, 128, 129, POOL_WORDS - 1, POOL_WORDS),
  );
  const place = fc.integer({ min: 0, max: POOL_WORDS - 1 });
  const mask = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(fc.nat(9), count, place, mask, (from, words, start, bits) => {
      const byVectors = write(vectors, from, words, start, bits);
      const byLoop = write(loop, from, words, start, bits);
      expect(byVectors.slice(from, from + words)).toEqual(byLoop.slice(from, from + words));
      expect(byVectors.slice(0, from)).toEqual(new Int32Array(from).fill(-1));
      expect(byVectors.slice(from + words + OVERRUN_WORDS)).toEqual(new Int32Array(3).fill(-1));
    }),
    { numRuns: 60 },
  );
});

it('is the module that its script makes', async () => {
  const source = new URL('../../src/generate/mask-module.ts', import.meta.url);
  expect(readFileSync(source, 'utf8')).toBe(await maskModule());
});
