import { describe, expect, it } from 'vitest';
import { Bodies } from '../../src/transport/bodies.ts';

describe('buffers for bodies', () => {
  it('are used again, the last one first', () => {
    const bodies = new Bodies(4 << 20);
    const [first, second] = [bodies.take(), bodies.take()];
    bodies.give(first);
    bodies.give(second);
    expect(bodies.take()).toBe(second);
    expect(bodies.take()).toBe(first);
  });

  it('are not kept beyond a bound, however large they have grown', () => {
    const bodies = new Bodies(4 << 20);
    const taken = Array.from({ length: 10 }, () => bodies.take());
    for (const body of taken) {
      body.reserve(1024 * 1024);
      bodies.give(body);
    }
    const again = taken.map(() => bodies.take());
    const kept = again.filter((body) => taken.includes(body));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(4 << 20);
  });
});
