import { describe, expect, it } from 'vitest';
import { compile, MINIMAL, problemLines } from './build-scenario.ts';

describe('defaults', () => {
  it("are the KPL's wherever it has the setting", () => {
    expect(compile(MINIMAL).producer).toEqual({
      profile: 'shardstorm',
      transport: 'direct',
      protocol: 'cbor',
      http: '1.1',
      aggregation: { enabled: true, maxCount: 4_294_967_295, maxBytes: 51_200 },
      collection: { maxCount: 500, maxBytes: 5_242_880, maxShardBytes: 262_144 },
      maxBufferedTimeUs: 100_000,
      recordTtlUs: 30_000_000,
      rateLimit: { fraction: 1.5, share: 'producer' },
      maxConnections: 24,
      requestTimeoutUs: 6_000_000,
      failIfThrottled: false,
      maxBufferedBytes: 67_108_864,
      overload: 'wait',
      aggregateBy: 'shard',
      containerKey: null,
      ordered: false,
      maxAttempts: null,
    });
  });

  it('give a least scenario a target, a load and records', () => {
    const plan = compile(MINIMAL);
    expect(plan.name).toBe('test');
    expect(plan.target).toEqual({
      kind: 'simulator',
      stream: 'shardstorm',
      region: null,
      endpoint: null,
      create: null,
      simulator: { mode: 'provisioned', shards: 4, latency: { kind: 'aws-like' }, faults: [] },
    });
    expect(plan.load).toMatchObject({ workers: 'auto', seed: 1, arrival: 'constant' });
    expect(plan.load.phases).toEqual([
      {
        name: 'phase-1',
        durationUs: 10_000_000,
        rate: { kind: 'constant', perSecond: 100 },
        measure: true,
      },
    ]);
    expect(plan.records).toEqual([
      {
        weight: 1,
        partitionKey: { kind: 'uniform', cardinality: 10_000, prefix: 'key-' },
        payload: { kind: 'random', size: { kind: 'fixed', bytes: 200 }, compressible: 0 },
        stamp: true,
      },
    ]);
  });

  it('outlast the life of a record when the run drains', () => {
    const { load, producer } = compile(MINIMAL);
    expect(load.drainUs).toBeGreaterThan(producer.recordTtlUs);
  });

  it('leave replayed records unstamped', () => {
    const text = MINIMAL.replace('{ kind: random, size: 200B }', '{ kind: file, file: a.csv }');
    const [kind] = compile(text, {}, { files: { '/scenarios/a.csv': 'a\n1\n' } }).records;
    expect(kind).toMatchObject({
      stamp: false,
      payload: { kind: 'file', file: '/scenarios/a.csv', format: 'csv' },
    });
  });

  it.each([
    ['kpl', { aggregation: { enabled: true }, rateLimit: { fraction: 1.5 } }],
    ['a8m', { maxBufferedTimeUs: 5_000_000, rateLimit: null }],
    ['sdk-batch', { transport: 'sdk', protocol: 'json', aggregation: { enabled: false } }],
  ])('of profile %s differ from it', (profile, expected) => {
    expect(compile(`${MINIMAL}producer: { profile: ${profile} }\n`).producer).toMatchObject(
      expected,
    );
  });

  it('of a profile give way to what the scenario says', () => {
    const text = `${MINIMAL}producer: { profile: a8m, maxBufferedTime: 7ms, rateLimit: 50% }\n`;
    const { producer } = compile(text);
    expect(producer.maxBufferedTimeUs).toBe(7_000);
    expect(producer.rateLimit).toEqual({ fraction: 0.5, share: 'producer' });
  });
});

describe('forms of a field', () => {
  it('take steps that begin at nothing', () => {
    const steps = '{ steps: { from: 0/s, to: 100/s, step: 50/s, every: 1s } }';
    expect(compile(MINIMAL.replace('100/s', steps)).load.phases[0]?.rate).toMatchObject({
      kind: 'steps',
      fromPerSecond: 0,
      toPerSecond: 100,
    });
  });

  it('take idle phases and bursts from nothing, and scale what is above nothing', () => {
    const text = MINIMAL.replace(
      '- { duration: 10s, rate: 100/s }',
      `- { duration: 10s, rate: 0/s }
    - { duration: 10s, rate: { burst: { base: 0/s, peak: 50/s, on: 1s, off: 3s } } }
    - { duration: 10s, rate: { from: 20/s, to: 0/s } }`,
    );
    const burst = { kind: 'onOff', offPerSecond: 0, onUs: 1e6, offUs: 3e6 };
    expect(compile(text).load.phases.map(({ rate }) => rate)).toEqual([
      { kind: 'constant', perSecond: 0 },
      { ...burst, onPerSecond: 50 },
      { kind: 'ramp', fromPerSecond: 20, toPerSecond: 0 },
    ]);
    expect(compile(text, { rate: '100/s' }).load.phases.map(({ rate }) => rate)).toEqual([
      { kind: 'constant', perSecond: 0 },
      { ...burst, onPerSecond: 100 },
      { kind: 'ramp', fromPerSecond: 40, toPerSecond: 0 },
    ]);
  });

  it('take bytes a second as records of mean size', () => {
    const text = MINIMAL.replace('100/s', '1 MB/s');
    expect(compile(text).load.phases[0]?.rate).toEqual({ kind: 'constant', perSecond: 5_000 });
  });

  it('weigh the kinds of records in a mean size', () => {
    const text = `version: 1
load: { phases: [{ duration: 1s, rate: 1000 B/s }] }
records:
  - { weight: 3, payload: { kind: random, size: 100B } }
  - { weight: 1, payload: { kind: random, size: { kind: uniform, min: 500B, max: 900B } } }
`;
    expect(compile(text).load.phases[0]?.rate).toEqual({ kind: 'constant', perSecond: 4 });
  });

  it('know the mean of a log-normal size', () => {
    const text = `version: 1
load: { phases: [{ duration: 1s, rate: 1 MB/s }] }
records: { payload: { kind: random, size: { kind: lognormal, median: 400B, p99: 4KiB } } }
`;
    const rate = compile(text).load.phases[0]?.rate;
    // sigma = ln(10.24) / 2.3263 = 1.0001; mean = 400 · exp(sigma² / 2) = 659.5 bytes.
    expect(rate?.kind === 'constant' && rate.perSecond).toBeCloseTo(1_000_000 / 659.57, 0);
  });

  it('take a target named null without quotes', () => {
    expect(compile(`${MINIMAL}target: { kind: null }\n`).target.kind).toBe('null');
  });

  it('take one shard or several, and 1.1 as a number', () => {
    const plan = compile(`${MINIMAL}target:
  simulator:
    latency: { fixed: 5ms }
    faults: [{ kind: stall, at: 1s, for: 2s, shard: 3 }, { kind: throttle, rate: 0.25 }]
producer: { http: 1.1, rateLimit: off }
`);
    expect(plan.target.simulator).toMatchObject({
      latency: { kind: 'fixed', us: 5_000 },
      faults: [
        { kind: 'stall', rate: null, atUs: 1_000_000, forUs: 2_000_000, shards: [3] },
        { kind: 'throttle', rate: 0.25, atUs: null, forUs: null, shards: null },
      ],
    });
    expect(plan.producer).toMatchObject({ http: '1.1', rateLimit: null });
  });

  it('read JSON as well', () => {
    const json = JSON.stringify({
      version: 1,
      load: { phases: [{ duration: '1s', rate: '1/s' }] },
      records: { payload: { kind: 'json', template: { a: '{{key}}', b: [1, null] } } },
    });
    expect(compile(json).records[0]?.payload).toMatchObject({
      size: null,
      template: { a: '{{key}}', b: [1, null] },
    });
  });

  it('follow anchors', () => {
    const text = `version: 1
load:
  phases:
    - &warm { name: a, duration: 1s, rate: 1/s }
    - { name: b, duration: 1s, rate: 1/s }
records: { payload: { kind: random, size: 1KiB } }
tags: { same: &t x, other: *t }
`;
    expect(compile(text).tags).toEqual({ same: 'x', other: 'x' });
  });

  it('expand environment variables in target and tags only', () => {
    const text = `${MINIMAL}description: "\${NAME}"
target: { stream: "s-\${NAME}" }
tags: { who: "\${NAME}", raw: "$\${NAME}" }
`;
    const plan = compile(text, {}, { environment: { NAME: 'me' } });
    const literal = ['$', '{NAME}'].join('');
    expect(plan.description).toBe(literal);
    expect(plan.target.stream).toBe('s-me');
    expect(plan.tags).toEqual({ who: 'me', raw: literal });
  });

  it('are frozen, all the way down', () => {
    const plan = compile(MINIMAL);
    expect(Object.isFrozen(plan)).toBe(true);
    expect(Object.isFrozen(plan.load.phases[0]?.rate)).toBe(true);
  });
});

describe('flags', () => {
  const SHAPES = `version: 1
load:
  phases:
    - { name: warm-up, duration: 4s, rate: 1000/s, measure: false }
    - { name: ramp, duration: 5s, rate: { from: 1000/s, to: 4000/s } }
    - { name: hold, duration: 15s, rate: 4000/s }
records: { payload: { kind: random, size: 200B } }
`;

  it('set any field, lists by number or name', () => {
    const plan = compile(SHAPES, {
      set: [
        'producer.aggregation.maxSize=25KiB',
        'load.phases.hold.rate=7/s',
        'load.phases[0].duration=1s',
        'thresholds=[response.p99 < 1s]',
        'records.payload.size={kind: uniform, min: 32B, max: 64B}',
      ],
    });
    expect(plan.producer.aggregation.maxBytes).toBe(25_600);
    expect(plan.load.phases[2]?.rate).toEqual({ kind: 'constant', perSecond: 7 });
    expect(plan.load.phases[0]?.durationUs).toBe(1_000_000);
    expect(plan.thresholds).toHaveLength(1);
    expect(plan.records[0]?.payload).toMatchObject({ size: { kind: 'uniform', maxBytes: 64 } });
  });

  it('scale the whole load to a highest rate', () => {
    const { phases } = compile(SHAPES, { rate: '1000/s' }).load;
    expect(phases.map(({ rate }) => rate)).toEqual([
      { kind: 'constant', perSecond: 250 },
      { kind: 'ramp', fromPerSecond: 250, toPerSecond: 1000 },
      { kind: 'constant', perSecond: 1000 },
    ]);
  });

  it('take a highest rate in bytes', () => {
    const { phases } = compile(SHAPES, { rate: '1 MB/s' }).load;
    expect(phases[2]?.rate).toEqual({ kind: 'constant', perSecond: 5000 });
  });

  it('stretch the measured phases in proportion', () => {
    const { phases } = compile(SHAPES, { duration: '40s' }).load;
    expect(phases.map(({ durationUs }) => durationUs / 1e6)).toEqual([4, 10, 30]);
  });

  it('name a target by kind or URL', () => {
    const target = { set: ['target.stream=s'] };
    expect(compile(MINIMAL, { ...target, target: 'http://localhost:4567' }).target).toMatchObject({
      kind: 'endpoint',
      endpoint: 'http://localhost:4567',
    });
    const text = `${MINIMAL}target: { kind: endpoint, endpoint: "http://localhost", stream: s }\n`;
    expect(compile(text, { target: 'simulator' }).target).toMatchObject({
      kind: 'simulator',
      endpoint: null,
    });
  });

  it('add thresholds and tags, and set numbers', () => {
    const plan = compile(`${MINIMAL}tags: { a: b }\n`, {
      workers: '3',
      seed: '7',
      maxCost: '2.5',
      thresholds: ['throttle < 1%', 'failed == 0'],
      tags: ['branch=a=b'],
    });
    expect(plan.load).toMatchObject({ workers: 3, seed: 7 });
    expect(plan.cost.maxUsd).toBe(2.5);
    expect(plan.tags).toEqual({ a: 'b', branch: 'a=b' });
    expect(plan.thresholds.map(({ metric, limit }) => [metric, limit])).toEqual([
      ['rates.throttle', 0.01],
      ['userRecords.failed', 0],
    ]);
  });

  it.each([
    [
      { set: ['producer.agregation.maxSize=1KiB'] },
      '--set producer.agregation.maxSize=1KiB: producer.agregation: unknown field; did you mean "aggregation"?',
    ],
    [
      { set: ['prodcer.maxConnections=1'] },
      '--set prodcer.maxConnections=1: prodcer: unknown field; did you mean "producer"?',
    ],
    [
      { set: ['load.phases.hld.rate=1/s'] },
      '--set load.phases.hld.rate=1/s: : no item "hld"; did you mean "hold"?',
    ],
    [
      { set: ['load.phases.9.rate=1/s'] },
      'no item "9"; load.phases is a list with the items 0 to 2',
    ],
    [
      { set: ['records.payload.size.bytes=1B'] },
      'records.payload.size is "200B", not a section with fields',
    ],
    [{ set: ['load.seed'] }, '--set load.seed: : expected path=value'],
    [{ set: ['load..seed=1'] }, 'a name in the path is empty'],
    [{ set: ['load.seed=[1'] }, '--set load.seed=[1: : the value is not YAML'],
    [{ set: ['__proto__.polluted=1'] }, 'no such field'],
    [{ workers: '0' }, '--workers 0: load.workers: got 0; expected a whole number, 1 to 1024'],
    [{ workers: '' }, 'load.workers: got ""'],
    [{ seed: 'x' }, '--seed x: load.seed: got "x"; expected a whole number'],
    [{ duration: '0s' }, '--duration 0s: : expected a duration above zero'],
    [{ duration: 'long' }, '--duration long: : expected a duration above zero'],
    [{ rate: '-1/s' }, '--rate -1/s: : expected a rate above zero'],
    [{ target: 'nakadi' }, '--target nakadi: target.kind: nakadi is not supported'],
    [{ target: 'ftp://x' }, '--target ftp://x: target.endpoint: got "ftp://x"; expected a URL'],
    [
      { thresholds: ['respnse.p99 < 1s'] },
      '--threshold "respnse.p99 < 1s": thresholds[0]: unknown metric',
    ],
    [{ tags: ['x'] }, '--tag x: : expected key=value'],
    [{ maxCost: '-1' }, '--max-cost -1: cost.maxUsd: got -1; expected a number above 0'],
  ])('that are wrong are named: %j', (overrides, expected) => {
    expect(problemLines(SHAPES, overrides).join('\n')).toContain(expected);
  });

  it('never repeat credentials', () => {
    const [line] = problemLines(MINIMAL, {
      target: 'http://me:secret@h',
      set: ['target.stream=s'],
    });
    expect(line).toContain('--target http://…@h: target.endpoint: the URL holds credentials');
    expect(line).not.toContain('secret');
  });

  it('refuse a rate for a load that has none', () => {
    const text = MINIMAL.replace('100/s', '{ closed: { concurrency: 5 } }');
    expect(problemLines(text, { rate: '5/s' })[0]).toContain('no phase has a rate that --rate 5/s');
  });
});

describe('a KPL properties file', () => {
  const text = `${MINIMAL}producer: { import: kpl.properties, maxConnections: 9 }\n`;
  const compileWith = (properties: string, notes: string[] = []) =>
    compile(text, {}, { files: { '/scenarios/kpl.properties': properties } }, notes);

  it('gives the settings that the scenario does not say', () => {
    const { producer, target } = compileWith(`# comment
! another
AggregationEnabled = false
AggregationMaxSize: 25600
CollectionMaxCount 250
RateLimit=100
RecordMaxBufferedTime = 25\\
  0
RecordTtl=60000
RequestTimeout=3000
FailIfThrottled=TRUE
MaxConnections=100
Region=eu-central-1
`);
    expect(producer).toMatchObject({
      aggregation: { enabled: false, maxBytes: 25_600 },
      collection: { maxCount: 250 },
      rateLimit: { fraction: 1, share: 'producer' },
      maxBufferedTimeUs: 250_000,
      recordTtlUs: 60_000_000,
      requestTimeoutUs: 3_000_000,
      failIfThrottled: true,
      maxConnections: 9,
    });
    expect(target.region).toBe('eu-central-1');
  });

  it('is told what has no meaning here, what is unknown, and what was capped', () => {
    const notes: string[] = [];
    const { producer } = compileWith(
      'MetricsLevel=none\nRecordTl=5\nRecordTtl=9223372036854775807\nMinConnections=3\n',
      notes,
    );
    expect(producer.recordTtlUs).toBe(864_000_000_000_000);
    expect(notes).toEqual([
      expect.stringContaining('MetricsLevel: metrics are written to the result folder'),
      expect.stringContaining('RecordTl: not a property of the KPL; did you mean "RecordTtl"?'),
      expect.stringContaining('RecordTtl = 9223372036854775807: beyond what is possible here'),
      expect.stringContaining('MinConnections: the KPL does not use it either'),
    ]);
  });

  it('is validated like the scenario, with its own place', () => {
    const world = { files: { '/scenarios/kpl.properties': '\nCollectionMaxCount=900\n' } };
    expect(problemLines(text, {}, world)).toEqual([
      'kpl.properties:2 (CollectionMaxCount): producer.collection.maxCount: got 900; expected a whole number, 1 to 500',
    ]);
  });

  it('gives way to a rate limit of any form', () => {
    const off = `${MINIMAL}producer: { import: kpl.properties, rateLimit: off }\n`;
    const files = { '/scenarios/kpl.properties': 'RateLimit=100\n' };
    expect(compile(off, {}, { files }).producer.rateLimit).toBeNull();
  });

  it('must be there', () => {
    expect(problemLines(text)[0]).toBe(
      'test.yaml:7:13: producer.import: cannot read /scenarios/kpl.properties',
    );
  });
});
