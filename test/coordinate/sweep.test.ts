import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockSeed,
  coolDownUs,
  sweepOrder,
  sweepVariants,
  withWarmUp,
} from '../../src/coordinate/sweep.ts';
import { compile, MINIMAL } from '../scenario/build-scenario.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 9,
});

describe('order of a sweep', () => {
  it('has every variant once in every block, and is the same for the same seed', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 12 }), fc.nat(), (variants, blocks, seed) => {
        const order = sweepOrder(variants, blocks, seed);
        expect(sweepOrder(variants, blocks, seed)).toEqual(order);
        for (let block = 1; block <= blocks; block++) {
          const own = order.filter((slot) => slot.block === block).map(({ variant }) => variant);
          expect([...own].sort()).toEqual([...variants].sort());
        }
        expect(order.map(({ block }) => block)).toEqual(
          order.map(({ block }) => block).sort((a, b) => a - b),
        );
      }),
    );
  });

  it('runs every second block backwards, so that a slow drift favours no variant', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 6 }), fc.nat(), (variants, pairs, seed) => {
        const order = sweepOrder(variants, 2 * pairs, seed);
        const places = new Map<string, number>();
        order.forEach(({ variant }, i) => {
          places.set(variant, (places.get(variant) ?? 0) + (i % variants.length));
        });
        expect(new Set(places.values())).toEqual(new Set([pairs * (variants.length - 1)]));
      }),
    );
  });

  it('begins with the same blocks when there are more of them', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 12 }), fc.nat(), (variants, blocks, seed) => {
        const more = sweepOrder(variants, blocks + 4, seed);
        expect(more.slice(0, blocks * variants.length)).toEqual(sweepOrder(variants, blocks, seed));
      }),
    );
  });

  it('favours no place: over many blocks each variant is first about as often', () => {
    const order = sweepOrder(['a', 'b', 'c'], 3000, 7);
    for (const variant of ['a', 'b', 'c']) {
      const firsts = order.filter((slot, i) => i % 3 === 0 && slot.variant === variant).length;
      expect(firsts).toBeGreaterThan(900);
      expect(firsts).toBeLessThan(1100);
    }
  });

  it('gives each block a seed of its own, the first the scenario’s', () => {
    expect(blockSeed(42, 1)).toBe(42);
    expect(new Set([1, 2, 3, 4].map((block) => blockSeed(42, block))).size).toBe(4);
    expect(Number.isSafeInteger(blockSeed(Number.MAX_SAFE_INTEGER, 5))).toBe(true);
  });
});

describe('variants of a sweep', () => {
  it('are every combination of the matrix, and the named ones', () => {
    const plan = compile(`${MINIMAL}
matrix:
  producer.aggregation.maxSize: [25KiB, 50KiB]
  producer.maxBufferedTime: [50ms, 500ms]
variants:
  small-app: { load.producers: 500 }
`);
    expect(sweepVariants(plan)).toEqual([
      named('maxSize=25KiB,maxBufferedTime=50ms', '25KiB', '50ms'),
      named('maxSize=25KiB,maxBufferedTime=500ms', '25KiB', '500ms'),
      named('maxSize=50KiB,maxBufferedTime=50ms', '50KiB', '50ms'),
      named('maxSize=50KiB,maxBufferedTime=500ms', '50KiB', '500ms'),
      { name: 'small-app', set: ['load.producers=500'] },
    ]);
  });

  function named(name: string, maxSize: string, time: string) {
    const set = [`producer.aggregation.maxSize="${maxSize}"`, `producer.maxBufferedTime="${time}"`];
    return { name, set };
  }

  it('are named by as much of the path as tells them apart', () => {
    const plan = compile(`${MINIMAL}
matrix:
  producer.aggregation.maxCount: [10, 20]
  producer.collection.maxCount: [100]
`);
    expect(sweepVariants(plan).map(({ name }) => name)).toEqual([
      'aggregation.maxCount=10,collection.maxCount=100',
      'aggregation.maxCount=20,collection.maxCount=100',
    ]);
  });

  it('are the scenario itself and the named ones without a matrix', () => {
    const plan = compile(
      `${MINIMAL}variants: { plain: { producer.aggregation.enabled: false } }\n`,
    );
    expect(sweepVariants(plan)).toEqual([
      { name: 'base', set: [] },
      { name: 'plain', set: ['producer.aggregation.enabled=false'] },
    ]);
  });
});

describe('warm-up and cool-down', () => {
  it('puts a warm-up before a scenario that has none', () => {
    const warmed = withWarmUp(compile(MINIMAL));
    expect(warmed?.load.phases[0]).toMatchObject({
      name: 'warm-up',
      measure: false,
      rate: { kind: 'constant', perSecond: 100 },
    });
    expect(warmed?.load.phases).toHaveLength(2);
  });

  it('leaves a scenario that has one, and one whose faults go by time', () => {
    const own = MINIMAL.replace(
      'phases:\n',
      'phases:\n    - { name: first, duration: 1s, rate: 10/s, measure: false }\n',
    );
    expect(withWarmUp(compile(own))).toBeNull();
    const timed = `${MINIMAL}target: { kind: simulator, simulator: { faults: [{ kind: stall, at: 2s, for: 1s }] } }\n`;
    expect(withWarmUp(compile(timed))).toBeNull();
  });

  it('waits for full buckets where the stream outlives the run', () => {
    expect(coolDownUs(compile(MINIMAL))).toBe(0);
    expect(
      coolDownUs(compile(MINIMAL, { target: 'http://127.0.0.1:4567', set: ['target.stream=s'] })),
    ).toBe(2_000_000);
  });
});
