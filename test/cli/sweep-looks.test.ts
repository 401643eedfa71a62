import { describe, expect, it } from 'vitest';
import { emptySlots, looksOf, type SweepFile, slotsLeft } from '../../src/cli/sweep-file.ts';
import { extendedFile } from '../../src/cli/sweep-plan.ts';
import { sweepOrder } from '../../src/coordinate/sweep.ts';

const NAMES = ['a', 'b', 'c'];

function sweepOf(blocks: number, blocksMax?: number): SweepFile {
  return {
    schema: 'shardstorm.sweep/1',
    id: 'sweep-1',
    name: 'sweep',
    scenario: '/s.yaml',
    overrides: {},
    seed: 7,
    blocks,
    ...(blocksMax === undefined ? {} : { blocksMax }),
    baseline: 'a',
    variants: NAMES.map((name) => ({ name, set: [], fingerprint: name })),
    order: emptySlots(sweepOrder(NAMES, blocks, 7)).map((slot, i) => ({
      ...slot,
      run: `run-${i}`,
      isValid: true,
    })),
  };
}

describe('a second look', () => {
  it('is planned only where more blocks than the first look has are allowed', () => {
    expect(looksOf(sweepOf(8))).toBe(1);
    expect(looksOf(sweepOf(8, 8))).toBe(1);
    expect(looksOf(sweepOf(8, 12))).toBe(2);
    expect(extendedFile(sweepOf(8))).toBeNull();
    expect(extendedFile(sweepOf(8, 8))).toBeNull();
  });

  it('keeps what is done and adds the blocks that the whole order would have had', () => {
    const first = sweepOf(8, 12);
    const all = extendedFile(first);
    expect(all?.order.slice(0, 24)).toEqual(first.order);
    expect(all?.order.map(({ block, variant }) => ({ block, variant }))).toEqual(
      sweepOrder(NAMES, 12, 7),
    );
    expect(all === null ? [] : slotsLeft(all)).toHaveLength(12);
  });

  it('comes once', () => {
    const all = extendedFile(sweepOf(8, 12));
    expect(all === null ? undefined : extendedFile(all)).toBeNull();
  });
});
