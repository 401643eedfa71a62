import { expect, it } from 'vitest';
import { CallLimits } from '../../../src/simulator/core/call-limit.ts';
import { ReadLimit } from '../../../src/simulator/core/read-limit.ts';

const SECOND = 1_000_000;
const MIB = 1024 * 1024;

it('a shard gives five calls a second to its readers', () => {
  const limit = new ReadLimit('bucket');
  const admitted = Array.from({ length: 7 }, () => limit.admit(0));
  expect(admitted.filter(Boolean)).toHaveLength(5);
  expect(limit.admit(0.2 * SECOND)).toBe(true);
  expect(limit.admit(0.2 * SECOND)).toBe(false);
});

it('a page of 10 MiB shuts the shard for five seconds', () => {
  const limit = new ReadLimit('bucket');
  expect(limit.admit(0)).toBe(true);
  limit.spend(10 * MIB);
  expect(limit.admit(4.9 * SECOND)).toBe(false);
  expect(limit.admit(5.1 * SECOND)).toBe(true);
});

it('without limits every call is taken', () => {
  const limit = new ReadLimit('off');
  limit.spend(100 * MIB);
  expect(Array.from({ length: 100 }, () => limit.admit(0)).every(Boolean)).toBe(true);
});

it('the control plane takes so many calls of an operation in a second, each scope for itself', () => {
  const limits = new CallLimits();
  const take = (scope: string, nowUs: number) => limits.take(scope, 5, nowUs);
  expect(Array.from({ length: 8 }, () => take('ListStreams', 0)).filter(Boolean)).toHaveLength(5);
  expect(take('CreateStream', 0)).toBe(true);
  expect(take('ListStreams', 0.2 * SECOND)).toBe(true);
  expect(take('ListStreams', 0.2 * SECOND)).toBe(false);
});
