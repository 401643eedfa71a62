import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../../src/core/deadline-heap.ts';

const OWNERS = 40;
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('set'), owner: fc.nat(OWNERS - 1), atUs: fc.nat(20) }),
    fc.record({ kind: fc.constant('clear'), owner: fc.nat(OWNERS - 1), atUs: fc.constant(0) }),
    fc.record({ kind: fc.constant('takeDue'), owner: fc.constant(0), atUs: fc.nat(20) }),
  ),
  { maxLength: 300 },
);

describe('the heap of deadlines', () => {
  it('tells the earliest of what was set, moved and cleared', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new DeadlineHeap();
        const model = new Map<number, number>();
        for (const { kind, owner, atUs } of all) {
          const earliestUs = Math.min(...model.values());
          if (kind === 'set') {
            heap.set(owner, atUs);
            model.set(owner, atUs);
          } else if (kind === 'clear') {
            heap.clear(owner);
            model.delete(owner);
          } else {
            const due = heap.takeDue(atUs);
            if (earliestUs > atUs) expect(due).toBe(-1);
            else expect(model.get(due)).toBe(earliestUs);
            model.delete(due);
          }
          expect(heap.nextUs).toBe(Math.min(...model.values()));
          if (model.size > 0) expect(model.get(heap.nextOwner)).toBe(heap.nextUs);
          for (let one = 0; one < OWNERS; one++) {
            expect(heap.get(one)).toBe(model.get(one) ?? Number.POSITIVE_INFINITY);
          }
        }
      }),
    );
  });

  it('has no deadline for an owner whose deadline is never', () => {
    const heap = new DeadlineHeap();
    heap.set(3, 10);
    heap.set(3, Number.POSITIVE_INFINITY);
    expect(heap.nextUs).toBe(Number.POSITIVE_INFINITY);
    expect(heap.nextOwner).toBe(-1);
    expect(heap.takeDue(1e9)).toBe(-1);
  });
});
