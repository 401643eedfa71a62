import { describe, expect, it } from 'vitest';
import type { ShardSummary, Summary } from '../../src/results/summary.ts';
import { withVirtualDoubts } from '../../src/results/virtual-shares.ts';
import { pretend } from './builders.ts';

const FIXED = { latency: { kind: 'fixed' }, faults: [] };
const { summary } = pretend();

function took(changes: Partial<ShardSummary>, throttled = 0): Summary {
  const shard: ShardSummary = {
    id: 'shardId-000000000001',
    records: 10_000,
    bytes: 1e6,
    throttled: 0,
    peakBytesPerSecond: 1e5,
    peakRecordsPerSecond: 1000,
    utilisation: 1,
    bound: 'records',
    ...changes,
  };
  const userRecords = { ...summary.userRecords, accepted: 10_000, acceptedPerSecond: 1000 };
  const attempts = { ...summary.attempts, throttled };
  return { ...summary, userRecords, attempts, shards: [shard] };
}

describe('merged shares in virtual time', () => {
  it('are as they are where one stream would have answered alike', () => {
    expect(withVirtualDoubts(took({}), FIXED)).toEqual(took({}));
    // Ten seconds, and what the shard had saved up before.
    expect(withVirtualDoubts(took({ utilisation: 1.1 }), FIXED).valid).toBe(true);
    expect(withVirtualDoubts(took({ peakRecordsPerSecond: 2050 }), FIXED).valid).toBe(true);
  });

  it.each([
    ['for long', { utilisation: 1.11 }, '1.1 times its limit'],
    ['in a second', { peakRecordsPerSecond: 2101 }, '1.0 times its limit'],
    ['in bytes', { peakBytesPerSecond: 2.11 * 1024 * 1024 }, '1.0 times its limit'],
  ])('are invalid where a shard took more than it can, %s', (_, shard, words) => {
    const { valid, verdict, invalidReasons } = withVirtualDoubts(took(shard), FIXED);
    expect([valid, verdict]).toEqual([false, 'invalid']);
    expect(invalidReasons.at(-1)).toContain('more to 1 of 1 shards than a shard takes');
    expect(invalidReasons.at(-1)).toContain(`shardId-000000000001 the most, ${words}`);
  });

  it.each([
    ['records were throttled', took({}, 3), FIXED],
    ['service times are random', took({}), { latency: { kind: 'aws-like' }, faults: [] }],
    ['faults were planned', took({}), { latency: { kind: 'zero' }, faults: [{}] }],
  ])('warn where %s', (words, merged, simulator) => {
    const { valid, warnings } = withVirtualDoubts(merged, simulator);
    expect(valid).toBe(true);
    expect(warnings.at(-1)).toContain(`a stream of its own, and ${words}:`);
  });
});
