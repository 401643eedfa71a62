import { createRequire } from 'node:module';
import { Pool as PublicPool } from 'undici';
import { expect, it } from 'vitest';

/** What http1-client.ts imports: no part of undici's public interface, so a version may move it. */
const INNER = 'undici/lib/dispatcher/pool.js';
const ADVICE = `${INNER} is not undici's Pool: pin undici to a version that has it, or change http1-client.ts`;

it('finds the pool of undici at its inner path', () => {
  let found: unknown = null;
  try {
    found = createRequire(import.meta.url)(INNER);
  } catch {
    // Told of below, with what to do about it.
  }
  expect(found, ADVICE).toBe(PublicPool);
});
