import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { FAULT_KINDS } from '../../src/kinesis/faults.ts';
import { renderScenario } from '../../src/scenario/render.ts';
import { compile, MINIMAL } from './build-scenario.ts';

const WORLD = { files: { '/scenarios/a.ndjson': '{"t":1}\n' } };

const record = <T extends Record<string, fc.Arbitrary<unknown>>>(required: T) =>
  fc.record(required);
const maybe = <T extends Record<string, fc.Arbitrary<unknown>>>(optional: T) =>
  fc.record(optional, { requiredKeys: [] });

const decimal = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min: 0, max: 999 })).map(([a, b]) => `${a}.${b}`);
const unit = (number: fc.Arbitrary<unknown>, ...units: string[]) =>
  fc.tuple(number, fc.constantFrom(...units)).map(([value, of]) => `${value}${of}`);
const whole = (min: number, max: number) => fc.integer({ min, max });

const duration = fc.oneof(
  unit(whole(1, 5000), 'ms', 's', 'm', 'h'),
  unit(decimal(1, 60), 'ms', 's', 'm'),
  whole(1, 59).map((seconds) => `3m${seconds}s`),
);
const rate = fc.oneof(
  unit(whole(1, 1e6), '/s', '/m'),
  unit(decimal(1, 100), '/s', ' MB/s', ' KiB/s'),
);
const size = fc.oneof(
  unit(whole(100, 900), 'B'),
  unit(whole(1, 900), 'KiB'),
  unit(decimal(1, 800), 'kB'),
);
const percent = fc.oneof(unit(decimal(0, 99), '%'), unit(whole(1, 99), '%'));
const fraction = fc.oneof(percent, fc.double({ min: 0, max: 1, noNaN: true }));
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);

const rateShape = fc.oneof(
  rate,
  record({ from: fc.oneof(rate, fc.constant('0/s')), to: rate }),
  record({ burst: record({ base: rate, times: whole(2, 50), on: duration, off: duration }) }),
  record({
    burst: record({
      base: fc.oneof(rate, fc.constant('0/s')),
      peak: rate,
      on: duration,
      off: duration,
    }),
  }),
  record({
    steps: record({
      from: fc.constant('10/s'),
      to: fc.constant('1000/s'),
      step: unit(decimal(1, 300), '/s'),
      every: duration,
    }),
  }),
  record({
    sine: record({
      mean: fc.constant('1 GB/s'),
      amplitude: unit(whole(1, 99), ' MB/s'),
      period: duration,
    }),
  }),
  fc.constant({ replay: { file: 'a.ndjson', timeColumn: 't', speed: 2.5 } }),
  fc.constant({ closed: { concurrency: 17 } }),
);

const sizeShape = fc.oneof(
  size,
  record({ kind: fc.constant('fixed'), bytes: size }),
  fc.constant({ kind: 'uniform', min: '64B', max: '3KiB' }),
  fc.constant({ kind: 'lognormal', median: '400B', p99: '4KiB' }),
  fc.constant({ kind: 'lognormal', median: '400B', p99: '4KiB', max: '5000B' }),
  record({
    kind: fc.constant('empirical'),
    sizes: fc.array(record({ bytes: size, weight: whole(1, 9) }), { minLength: 1, maxLength: 4 }),
  }),
);

const partitionKey = fc.oneof(
  record({
    kind: fc.constantFrom('uniform', 'sequential'),
    cardinality: whole(1, 1e6),
    prefix: word,
  }),
  record({
    kind: fc.constant('zipf'),
    cardinality: whole(1, 1e6),
    exponent: fc.constantFrom(0.5, 1.2),
  }),
  record({ kind: fc.constant('hot'), share: fraction, keys: whole(1, 9) }),
  fc.constant({ kind: 'template', template: 'user-{{key}}' }),
);

const payload = fc.oneof(
  fc
    .tuple(sizeShape, fraction)
    .map(([of, compressible]) => ({ kind: 'random', size: of, compressible })),
  sizeShape.map((of) => ({
    kind: 'json',
    size: of,
    template: { a: '{{key}}', deep: [1, { b: null }] },
  })),
  fc.constant({ kind: 'file', file: 'a.ndjson' }),
);

const fault = fc.oneof(
  record({
    kind: fc.constantFrom(
      ...FAULT_KINDS.filter((kind) => !kind.endsWith('-shard') && !kind.endsWith('-shards')),
    ),
    rate: fc.oneof(unit(whole(1, 99), '%'), fc.double({ min: 1e-6, max: 1, noNaN: true })),
    at: duration,
    for: duration,
    shards: fc.constant([0, 1]),
  }),
  record({ kind: fc.constant('split-shard'), at: duration, shard: fc.constant(0) }),
);

const scenario = record({
  version: fc.constant(1),
  name: word,
  description: fc.string({ maxLength: 60 }),
  target: maybe({
    kind: fc.constantFrom('simulator', 'null', null),
    stream: word,
    region: fc.constantFrom('us-east-1', 'eu-central-1', 'us-gov-west-1'),
    simulator: maybe({
      mode: fc.constantFrom('provisioned', 'on-demand'),
      shards: whole(2, 64),
      latency: fc.oneof(
        fc.constantFrom('zero', 'aws-like'),
        record({ fixed: duration, per100KiB: duration }),
        fc.constant({ median: '6ms', p99: '30.5ms' }),
        fc.constant({ file: 'a.hlog', operations: { GetRecords: 'zero' } }),
        fc.constant({ file: 'a.hlog', tag: 't', operations: { PutRecord: { fixed: '1ms' } } }),
      ),
      limits: fc.constantFrom('bucket', 'window', 'off'),
      transition: duration,
      scaleEvery: duration,
      faults: fc.array(fault, { maxLength: 3 }),
    }),
  }),
  load: record({
    phases: fc.array(record({ duration, rate: rateShape }), { minLength: 1, maxLength: 4 }),
    seed: fc.maxSafeNat(),
    workers: fc.oneof(fc.constant('auto'), whole(1, 64)),
    arrival: fc.constantFrom('constant', 'poisson'),
  }),
  records: fc.oneof(
    record({ partitionKey, payload }),
    fc.array(
      record({ weight: fc.constantFrom(1, 0.25, 3), partitionKey, payload, stamp: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  ),
  producer: maybe({
    profile: fc.constantFrom('shardstorm', 'kpl', 'a8m', 'sdk-batch'),
    http: fc.constantFrom(1.1, 2, '1.1', '2'),
    aggregation: maybe({ enabled: fc.boolean(), maxCount: fc.maxSafeNat().map((n) => n + 1) }),
    maxBufferedTime: unit(whole(0, 999), 'ms'),
    rateLimit: fc.oneof(
      fc.constant('off'),
      unit(decimal(1, 5000), '%'),
      record({ share: fc.constantFrom('producer', 'process') }),
    ),
    maxBufferedMemory: unit(decimal(2, 900), 'MB', 'MiB'),
    overload: fc.constantFrom('wait', 'drop'),
    aggregateBy: fc.constantFrom('shard', 'key'),
    containerKey: fc.constantFrom('profile', 'a', 'first', 'random'),
    ordered: fc.boolean(),
    maxAttempts: fc.oneof(fc.constant('unlimited'), whole(1, 65_535)),
  }),
  thresholds: fc.constant([
    'response.p99.9 < 1.5s',
    'throttle <= 0.5%',
    { expr: 'utilisation < 80%', shard: 'shardId-000000000001', abortOnFail: true, delay: '3s' },
  ]),
  margin: fc.dictionary(fc.constantFrom('acceptedPerSecond', 'response.p99'), percent),
  tags: fc.dictionary(
    word,
    fc.constantFrom('a', '$', ['$', '{HOME}'].join(''), ['$$', '{X}'].join(''), 'true', '5'),
  ),
  cost: maybe({ maxUsd: fc.double({ min: 0.01, max: 1e6, noNaN: true }) }),
});

describe('a rendered plan', () => {
  it('reads back as the same plan, whatever the scenario', () => {
    const world = { ...WORLD, environment: { HOME: ['$', '{USER}'].join('') } };
    let accepted = 0;
    fc.assert(
      fc.property(scenario, (data) => {
        let plan: ReturnType<typeof compile>;
        try {
          plan = compile(stringify(data), {}, world);
        } catch {
          return; // Contradictions between fields drawn apart; most draws have none.
        }
        accepted++;
        expect(compile(renderScenario(plan), {}, world)).toEqual(plan);
      }),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(150);
  });

  it('spells every default out', () => {
    const text = renderScenario(compile(MINIMAL));
    expect(text).toContain('maxBufferedTime: 100ms');
    expect(text).toContain('maxSize: 50KiB');
    expect(text).toContain('rate: 100/s');
    expect(text).toContain('percent: 150%');
  });

  it('reads back with the sections of a sweep', () => {
    const plan = compile(`${MINIMAL}matrix: { producer.aggregation.maxSize: [25KiB, 50KiB] }
variants: { many: { load.producers: 500 } }
blocks: 3
primary: [acceptedPerSecond, response.p99]
margin: { acceptedPerSecond: 3% }
`);
    expect(plan.primary).toEqual(['userRecords.acceptedPerSecond', 'latency.response.p99']);
    expect(plan.margin).toEqual({ 'userRecords.acceptedPerSecond': 0.03 });
    expect(compile(renderScenario(plan))).toEqual(plan);
  });
});
