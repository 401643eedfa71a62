import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ADDED,
  ByteBudget,
  NO_ROOM,
  SequenceSet,
  WAS_PRESENT,
} from '../../src/core/sequence-set.ts';

const sequences = fc.array(
  fc.oneof(fc.nat(200), fc.integer({ min: 65_500, max: 65_600 }), fc.maxSafeNat()),
  { maxLength: 200 },
);

function ranges(set: SequenceSet): [number, number][] {
  const found: [number, number][] = [];
  set.forEachRange((first, count) => found.push([first, count]));
  return found;
}

describe('SequenceSet', () => {
  it('is a set of numbers, and gives them back as stretches', () => {
    fc.assert(
      fc.property(sequences, (input) => {
        const set = new SequenceSet(new ByteBudget(1e8));
        const model = new Set<number>();
        for (const sequence of input) {
          expect(set.add(sequence)).toBe(model.has(sequence) ? WAS_PRESENT : ADDED);
          model.add(sequence);
        }
        expect(set.size).toBe(model.size);
        for (const sequence of input) expect(set.has(sequence)).toBe(true);
        expect(set.has(201)).toBe(model.has(201));
        const listed = ranges(set).flatMap(([first, count]) =>
          Array.from({ length: count }, (_, i) => first + i),
        );
        expect(listed).toEqual([...model].sort((a, b) => a - b));
        const copy = new SequenceSet(new ByteBudget(1e8));
        copy.load(structuredClone(set.toData()));
        expect(ranges(copy)).toEqual(ranges(set));
        expect(copy.size).toBe(set.size);
      }),
    );
  });

  it('joins stretches across chunks', () => {
    const set = new SequenceSet(new ByteBudget(1e8));
    expect(set.addRange(65_530, 12)).toBe(0);
    expect(ranges(set)).toEqual([[65_530, 12]]);
  });

  it('gives 32 members at a time', () => {
    const set = new SequenceSet(new ByteBudget(1e8));
    for (const sequence of [32, 34, 63, 65_536]) set.add(sequence);
    expect(set.word(1) >>> 0).toBe(0x8000_0005);
    expect(set.word(2048)).toBe(1);
    expect(set.word(5000)).toBe(0);
  });

  it('takes no more than the budget that it shares', () => {
    const budget = new ByteBudget(2 * 8192);
    const [one, other] = [new SequenceSet(budget), new SequenceSet(budget)];
    expect(one.add(0)).toBe(ADDED);
    expect(other.add(0)).toBe(ADDED);
    expect(one.add(1)).toBe(ADDED);
    expect(one.add(65_536)).toBe(NO_ROOM);
    expect(other.addRange(65_535, 3)).toBe(2);
    expect(budget.bytesUsed).toBe(2 * 8192);
  });
});
