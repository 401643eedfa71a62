import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardBuckets } from '../../src/producer/buckets.ts';
import { KinesisRecord } from '../../src/producer/kinesis-record.ts';
import { Limiter } from '../../src/producer/limit.ts';

function record(shard: number, bytes: number, deadlineUs: number, expirationUs: number) {
  const made = new KinesisRecord();
  made.predictedShard = shard;
  made.isAggregate = true;
  made.dataEnd = bytes;
  made.deadlineUs = deadlineUs;
  made.expirationUs = expirationUs;
  return made;
}

/** How fine the slow version's time is. */
const DROP_US = 500;

interface Arrival {
  readonly gapUs: number;
  readonly shard: number;
  readonly bytes: number;
}

const arrivals = fc.array(
  fc.record({
    gapUs: fc.constantFrom(0, 0, 0, 50, 1_000, 100_000),
    shard: fc.nat(2),
    bytes: fc.constantFrom(100, 50_000, 1_000_000),
  }),
  { minLength: 1, maxLength: 300 },
);

/** Lets time run in the limiter's own steps; notes when each record passed. */
function run(input: readonly Arrival[], fraction: number, ttlUs: number) {
  const passed: { record: KinesisRecord; atUs: number }[] = [];
  const expired: { record: KinesisRecord; atUs: number }[] = [];
  let nowUs = 0;
  const limiter = new Limiter(
    new ShardBuckets(fraction),
    0,
    (r) => passed.push({ record: r, atUs: nowUs }),
    (r) => expired.push({ record: r, atUs: nowUs }),
  );
  const advanceTo = (untilUs: number) => {
    for (let steps = 0; limiter.nextUs <= untilUs; steps++) {
      expect(steps).toBeLessThan(100_000);
      nowUs = Math.max(nowUs, limiter.nextUs);
      limiter.advance(nowUs);
    }
    nowUs = untilUs;
  };
  for (const { gapUs, shard, bytes } of input) {
    advanceTo(nowUs + gapUs);
    limiter.put(record(shard, bytes, nowUs, nowUs + ttlUs), nowUs);
  }
  advanceTo(nowUs + 1_000_000_000);
  return { passed, expired };
}

describe('the limiter', () => {
  it('lets every record pass or expire, once, within its time', () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom(0.5, 1, 1.5), (input, fraction) => {
        const ttlUs = 2_000_000;
        const { passed, expired } = run(input, fraction, ttlUs);
        expect(passed.length + expired.length).toBe(input.length);
        for (const { record: r, atUs } of passed) expect(atUs).toBeLessThan(r.expirationUs);
        for (const { record: r, atUs } of expired) {
          expect(atUs).toBeGreaterThanOrEqual(r.expirationUs);
          expect(atUs).toBeLessThan(r.expirationUs + 2);
        }
      }),
    );
  });

  it('never gives a shard more than its burst and its rate, in any stretch of time', () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom(0.5, 1, 1.5), (input, fraction) => {
        const { passed } = run(input, fraction, 1e12);
        for (const shard of [0, 1, 2]) {
          const own = passed.filter((p) => p.record.predictedShard === shard);
          for (let first = 0; first < own.length; first += 7) {
            let bytes = 0;
            for (let i = first; i < own.length; i++) {
              bytes += own[i]?.record.dataEnd ?? 0;
              const seconds = ((own[i]?.atUs ?? 0) - (own[first]?.atUs ?? 0)) / 1e6;
              expect(i - first + 1).toBeLessThanOrEqual(1000 + 1000 * fraction * seconds + 1);
              const allowed = 10 * 1024 * 1024 + 1024 * 1024 * fraction * seconds;
              expect(bytes).toBeLessThanOrEqual(allowed + 1);
            }
          }
        }
      }),
    );
  });

  it('lets each record go when a bucket, filled drop by drop, would; at most 10 ms later', () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom(0.5, 1, 1.5), (input, fraction) => {
        const { passed } = run(input, fraction, 1e12);
        for (const shard of [0, 1, 2]) {
          let arrivalUs = 0;
          let nowUs = 0;
          let records = 1000;
          let bytes = 10 * 1024 * 1024;
          const earliest: number[] = [];
          const fill = (untilUs: number) => {
            records = Math.min(1000, records + ((untilUs - nowUs) * 1000 * fraction) / 1e6);
            const gained = ((untilUs - nowUs) * 1024 * 1024 * fraction) / 1e6;
            bytes = Math.min(10 * 1024 * 1024, bytes + gained);
            nowUs = untilUs;
          };
          for (const arrival of input) {
            arrivalUs += arrival.gapUs;
            if (arrival.shard !== shard) continue;
            fill(Math.max(nowUs, arrivalUs));
            while (records < 1 - 1e-6 || bytes < arrival.bytes - 1e-3) fill(nowUs + DROP_US);
            records -= 1;
            bytes -= arrival.bytes;
            earliest.push(nowUs);
          }
          const times = passed.filter((p) => p.record.predictedShard === shard).map((p) => p.atUs);
          expect(times).toHaveLength(earliest.length);
          times.forEach((atUs, i) => {
            expect(atUs).toBeGreaterThanOrEqual((earliest[i] ?? 0) - DROP_US - 1);
            expect(atUs).toBeLessThanOrEqual((earliest[i] ?? 0) + 10_001);
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the order of deadlines within a shard', () => {
    fc.assert(
      fc.property(arrivals, (input) => {
        const { passed } = run(input, 1, 1e12);
        for (const shard of [0, 1, 2]) {
          const deadlines = passed
            .filter((p) => p.record.predictedShard === shard)
            .map((p) => p.record.deadlineUs);
          expect(deadlines).toEqual([...deadlines].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('slows a throttled shard down and lets it recover, while others go on', () => {
    let nowUs = 0;
    const count = [0, 0];
    const limiter = new Limiter(
      new ShardBuckets(1),
      0,
      (r) => {
        count[r.predictedShard] = (count[r.predictedShard] ?? 0) + 1;
      },
      () => {},
    );
    const second = () => {
      count.fill(0);
      for (let step = 0; step < 1000; step++) {
        nowUs += 1000;
        limiter.advance(nowUs);
        for (let i = 0; i < 3; i++) {
          limiter.put(record(0, 10, nowUs, 1e15), nowUs);
          limiter.put(record(1, 10, nowUs, 1e15), nowUs);
        }
      }
      return [...count];
    };
    second();
    expect(second()).toEqual([1000, 1000]);
    for (let i = 0; i < 4; i++) {
      limiter.throttled(0, nowUs);
      nowUs += 300_000;
    }
    second();
    const [slowed = 0, other = 0] = second();
    expect(other).toBe(1000);
    expect(slowed).toBeLessThan(600);
    for (let i = 0; i < 10; i++) second();
    expect(second()).toEqual([1000, 1000]);
  });

  it('is one limit when threads divide it, in rate and in burst, to the record', () => {
    const passedIn = (parts: readonly number[], untilUs: number) => {
      let passed = 0;
      for (const part of parts) {
        const buckets = new ShardBuckets(1.5, part);
        const limiter = new Limiter(
          buckets,
          0,
          () => {
            passed++;
          },
          () => {},
        );
        for (let i = 0; i < 6000; i++) limiter.put(record(0, 100, 0, 1e12), 0);
        while (limiter.nextUs <= untilUs) limiter.advance(limiter.nextUs);
      }
      return passed;
    };
    expect(passedIn([1], 0)).toBe(1000);
    expect(passedIn([0.5, 0.25, 0.25], 0)).toBe(1000);
    const whole = passedIn([1], 2_000_000);
    const divided = passedIn([0.5, 0.25, 0.25], 2_000_000);
    expect(whole).toBeGreaterThanOrEqual(4000 - 15);
    expect(divided).toBeLessThanOrEqual(4000);
    // Each part leaves in steps of 10 ms.
    expect(divided).toBeGreaterThanOrEqual(4000 - 3 * 15);
  });

  it('sends records without a predicted shard straight on', () => {
    let passed = 0;
    const limiter = new Limiter(
      new ShardBuckets(0.001),
      0,
      () => {
        passed++;
      },
      () => {},
    );
    for (let i = 0; i < 5000; i++) limiter.put(record(-1, 10, 0, 1e12), 0);
    expect(passed).toBe(5000);
  });
});

describe('the buckets of many shards', () => {
  const step = fc.record({
    shard: fc.integer({ min: 0, max: 199 }),
    afterUs: fc.integer({ min: 0, max: 20_000 }),
    bytes: fc.integer({ min: 0, max: 200_000 }),
    isThrottled: fc.boolean(),
  });

  it('are as if each shard had its own, though full ones have no place', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 200, maxLength: 600 }), (steps) => {
        const together = new ShardBuckets(1.5);
        const apart = new Map<number, ShardBuckets>();
        let nowUs = 0;
        for (const { shard, afterUs, bytes, isThrottled } of steps) {
          nowUs += afterUs;
          const own = apart.get(shard) ?? new ShardBuckets(1.5);
          apart.set(shard, own);
          if (isThrottled && shard < 20) {
            own.slowDown(shard, nowUs);
            together.slowDown(shard, nowUs);
          }
          expect(together.take(shard, bytes, nowUs)).toBe(own.take(shard, bytes, nowUs));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a rate that was slowed down', () => {
  const PASSES = 1500;

  it('is back at the limit 18 seconds after the last refusal, whatever was refused before', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 18 }), (refusedAfterUs, looks) => {
        const buckets = new ShardBuckets(1.5);
        const full = buckets.rate(0);
        let nowUs = 0;
        for (const gapUs of refusedAfterUs) {
          nowUs += gapUs;
          buckets.slowDown(0, nowUs);
        }
        expect(buckets.rate(0)).toBeLessThan(full);
        for (let look = 1; look <= looks; look++) {
          buckets.take(0, 1, nowUs + (look * 18_000_000) / looks);
        }
        expect(buckets.rate(0)).toBe(full);
      }),
    );
  });

  it('never goes below a thousandth of the limit, and asks again within a second', () => {
    const buckets = new ShardBuckets(1.5);
    const full = buckets.rate(0);
    let nowUs = 0;
    for (let i = 0; i < 100; i++) {
      nowUs += 250_000;
      buckets.slowDown(0, nowUs);
    }
    expect(buckets.rate(0)).toBeCloseTo(full / 1000, 12);
    let waitUs = 0;
    for (let i = 0; i < 10; i++) waitUs = Math.max(waitUs, buckets.take(0, 500_000, nowUs));
    expect(waitUs).toBe(1_000_000);
  });

  /** Many producers, each with more to send than its share of one shard that takes 1,000 records a second. */
  function crowd(producers: number, eachPerSecond: number, seconds: number) {
    const buckets = Array.from({ length: producers }, () => new ShardBuckets(PASSES / 1000));
    const waiting = new Float64Array(producers);
    const accepted = new Float64Array(producers);
    const stepUs = 10_000;
    let room = 0;
    let attempts = 0;
    let draw = 42;
    for (let nowUs = 0; nowUs < seconds * 1_000_000; nowUs += stepUs) {
      const isSettled = nowUs >= (seconds * 1_000_000) / 2;
      room = Math.min(1000, room + 10);
      draw = (Math.imul(draw, 1_664_525) + 1_013_904_223) >>> 0;
      const first = draw >>> 8;
      for (let i = 0; i < producers; i++) {
        // Who comes first differs from step to step, as requests of many machines do.
        const at = (i * 7919 + first) % producers;
        waiting[at] = (waiting[at] ?? 0) + (eachPerSecond * stepUs) / 1_000_000;
        const own = buckets[at];
        while (own !== undefined && (waiting[at] ?? 0) >= 1 && own.take(0, 300, nowUs) === 0) {
          if (isSettled) attempts++;
          if (room < 1) {
            own.slowDown(0, nowUs);
            break;
          }
          room--;
          waiting[at] = (waiting[at] ?? 0) - 1;
          if (isSettled) accepted[at] = (accepted[at] ?? 0) + 1;
        }
      }
    }
    const total = accepted.reduce((a, b) => a + b, 0);
    const squares = accepted.reduce((a, b) => a + b * b, 0);
    return {
      amplification: attempts / total,
      used: total / (1000 * (seconds / 2)),
      fairness: total ** 2 / (producers * squares),
    };
  }

  it.each([
    [5, 280],
    [10, 140],
    [20, 70],
    [50, 28],
    [500, 2.8],
    [500, 30],
  ])(
    'lets %i producers of %f a second each share a shard: used up, fair, few refusals',
    (n, each) => {
      const { amplification, used, fairness } = crowd(n, each, 40);
      expect(amplification).toBeLessThan(1.5);
      expect(used).toBeGreaterThan(0.95);
      expect(fairness).toBeGreaterThan(0.8);
    },
  );
});
