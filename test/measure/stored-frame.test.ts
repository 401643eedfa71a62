import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packFrame } from '../../src/measure/codec.ts';
import type { Frame, HistogramDelta } from '../../src/measure/frame.ts';
import { frameOfStored, storedFrame } from '../../src/measure/stored-frame.ts';
import { FakeWorker } from './builders.ts';

const WORKER = new FakeWorker(0, [1_000_000]);
WORKER.recorder.add(0, 0, 1);
const FRAME = WORKER.frame(1_000_000);
const COUNT = fc.integer({ min: 1, max: 0xffff_ffff });

function deltaOf(slots: Uint32Array): HistogramDelta {
  return { slots, overflow: 2, sumUs: 12_345.5, minUs: 1, maxUs: 99 };
}

function frameWith(slots: Uint32Array): Frame {
  const [phase] = FRAME.phases;
  if (phase === undefined) throw new Error('no phase');
  const latency = { response: deltaOf(slots), service: deltaOf(slots.slice(0, 2)) };
  const shards = [3, 70_000].map((shard) => ({
    phase: 0,
    shard,
    records: 2 ** 40,
    bytes: shard,
    throttled: 7,
  }));
  return { ...FRAME, shards, phases: [{ ...phase, latency, requestLatency: deltaOf(slots) }] };
}

describe('a stored frame', () => {
  it('is read back to the bit, whatever its histograms hold', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 40_000 }), COUNT), {
      selector: ([slot]) => slot,
    });
    fc.assert(
      fc.property(pairs, (given) => {
        const slots = Uint32Array.from(given.sort(([a], [b]) => a - b).flat());
        const frame = frameWith(slots);
        expect(frameOfStored(storedFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('takes less than half of a packed one with many slots', () => {
    const slots = Uint32Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? i * 3 : i % 9));
    const frame = frameWith(slots);
    expect(storedFrame(frame).length).toBeLessThan(packFrame(frame).length / 2);
  });

  it('that says more pairs than it holds is refused', () => {
    const frame = frameWith(Uint32Array.of(5, 1));
    const bytes = storedFrame(frame);
    // The response's slots: one pair, at slot 5, once.
    const at = Buffer.from(bytes).indexOf(Uint8Array.of(1, 5, 1));
    expect(at).toBeGreaterThan(0);
    bytes[at] = 2;
    expect(() => frameOfStored(bytes)).toThrow(RangeError);
  });
});
