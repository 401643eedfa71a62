import { describe, expect, it } from 'vitest';
import { ShardstormError } from '../../src/core/errors.ts';
import { compile, MINIMAL, problemLines } from './build-scenario.ts';

/** A scenario with one part replaced. */
const withLoad = (phases: string) => `version: 1
load: { phases: ${phases} }
records: { payload: { kind: random, size: 200B } }
`;
const withRecords = (records: string) => `version: 1
load: { phases: [{ duration: 10s, rate: 100/s }] }
records: ${records}
`;

describe('a bad scenario', () => {
  const cases: [string, string, string][] = [
    [
      'an unknown section',
      `${MINIMAL}producr: {}\n`,
      'test.yaml:7:1: producr: unknown field; did you mean "producer"? allowed: version,',
    ],
    [
      'an unknown field deep down',
      `${MINIMAL}producer:\n  aggregation:\n    maxsze: 1KiB\n`,
      'test.yaml:9:5: producer.aggregation.maxsze: unknown field; did you mean "maxSize"? allowed: enabled, maxCount, maxSize',
    ],
    [
      'a field like no known one',
      `${MINIMAL}zzz: 1\n`,
      'test.yaml:7:1: zzz: unknown field; allowed: version, name,',
    ],
    [
      'a missing section',
      'version: 1\nload: { phases: [{ duration: 1s, rate: 1/s }] }\n',
      'test.yaml:1:1: records: missing; expected a kind of record',
    ],
    [
      'a version of the future',
      MINIMAL.replace('1', '2'),
      'test.yaml:1:1: version: got 2; expected 1, the version of the scenario format',
    ],
    [
      'a duration without a unit',
      withLoad('[{ duration: 10, rate: 1/s }]'),
      'test.yaml:2:20: load.phases[0].duration: got 10; expected a duration such as 250ms, 10s or 1m30s of at least 1ms',
    ],
    [
      'a negative rate',
      withLoad('[{ duration: 10s, rate: -5/s }]'),
      'load.phases[0].rate: got "-5/s"; expected a rate above zero such as 5000/s',
    ],
    [
      'a rate of zero',
      withLoad('[{ duration: 10s, rate: 0/s }]'),
      'load.phases[0].rate: got "0/s"; expected a rate above zero',
    ],
    [
      'a load that idles wherever it is measured',
      withLoad('[{ duration: 1s, rate: 9/s, measure: false }, { duration: 10s, rate: 0/s }]'),
      'load.phases[1].rate: got "0/s"; expected a rate above zero in at least one measured phase: nothing would be sent',
    ],
    [
      'a burst whose base of zero has no peak',
      withLoad('[{ duration: 9s, rate: { burst: { base: 0/s, times: 8, on: 1s, off: 1s } } }]'),
      'load.phases[0].rate.burst.base: got "0/s"; expected a rate above zero',
    ],
    [
      'a burst with a peak and times',
      withLoad(
        '[{ duration: 9s, rate: { burst: { base: 1/s, peak: 9/s, times: 8, on: 1s, off: 1s } } }]',
      ),
      'load.phases[0].rate.burst.peak: unknown field; allowed: base, times, on, off',
    ],
    [
      'steps from nothing to nothing',
      withLoad(
        '[{ duration: 10s, rate: { steps: { from: 0/s, to: 0/s, step: 1/s, every: 1s } } }]',
      ),
      'load.phases[0].rate: steps from 0/s to 0/s send nothing',
    ],
    [
      'a ramp from nothing to nothing',
      withLoad('[{ duration: 10s, rate: { from: 0/s, to: 0/s } }]'),
      'load.phases[0].rate: a ramp from 0/s to 0/s sends nothing',
    ],
    [
      'a duration of zero',
      withLoad('[{ duration: 0s, rate: 1/s }]'),
      'load.phases[0].duration: got "0s"; expected a duration',
    ],
    [
      'a misspelt shape of rate',
      withLoad('[{ duration: 1s, rate: { brst: {} } }]'),
      'load.phases[0].rate.brst: unknown field; did you mean "burst"? allowed: from, to, steps, sine, burst, replay, closed',
    ],
    [
      'an incomplete shape of rate',
      withLoad('[{ duration: 1s, rate: { from: 1/s } }]'),
      'load.phases[0].rate.to: missing; expected a rate',
    ],
    ['no phases', withLoad('[]'), 'load.phases: got []; expected a list of at least one phase'],
    [
      'no measured phase',
      withLoad('[{ duration: 1s, rate: 1/s, measure: false }]'),
      'load.phases: no phase is measured',
    ],
    [
      'two phases of one name',
      withLoad('[{ name: a, duration: 1s, rate: 1/s }, { name: a, duration: 1s, rate: 1/s }]'),
      'load.phases[1].name: "a" is taken by another phase',
    ],
    [
      'a sine below zero',
      withLoad('[{ duration: 1s, rate: { sine: { mean: 1/s, amplitude: 2/s, period: 1s } } }]'),
      'load.phases[0].rate.sine.amplitude: more than the mean',
    ],
    [
      'a fractional seed',
      MINIMAL.replace('load:', 'load:\n  seed: 1.5'),
      'test.yaml:3:3: load.seed: got 1.5; expected a whole number, 0 to 2^53-1',
    ],
    [
      'a seed beyond exact integers',
      MINIMAL.replace('load:', 'load:\n  seed: 9007199254740993'),
      'load.seed: got 9007199254740992; expected a whole number, 0 to 2^53-1',
    ],
    [
      'workers that are no number',
      MINIMAL.replace('load:', 'load:\n  workers: many'),
      'load.workers: got "many"; expected auto, or a whole number, 1 to 1024',
    ],
    [
      'a misspelt kind of key',
      withRecords('{ partitionKey: { kind: zip }, payload: { kind: random, size: 1KiB } }'),
      'records.partitionKey.kind: got "zip"; did you mean "zipf"? expected one of uniform, zipf,',
    ],
    [
      'a payload too short for its stamp',
      withRecords('{ payload: { kind: random, size: 31B } }'),
      'records.payload.size: 31 bytes is less than the 32 that the stamp needs; use at least 32B, or stamp: false',
    ],
    [
      'a JSON payload too short for its stamp',
      withRecords('{ payload: { kind: json, size: 55B, template: {} } }'),
      'records.payload.size: 55 bytes is less than the 56 that the stamp needs',
    ],
    [
      'a record over the limit with its key',
      withRecords('{ payload: { kind: random, size: 1MiB } }'),
      'records.payload.size: 1048576 bytes and a partition key of up to 9 are more than the 1 MiB of a record',
    ],
    [
      'a payload over the limit',
      withRecords('{ payload: { kind: random, size: 2MiB } }'),
      'records.payload.size: got "2MiB"; expected a size such as 200B, 50KiB or 5MiB, at most 1MiB',
    ],
    [
      'an upside-down size',
      withRecords('{ payload: { kind: random, size: { kind: uniform, min: 2KiB, max: 1KiB } } }'),
      'records.payload.size.max: less than min',
    ],
    [
      'a missing payload file',
      withRecords('{ payload: { kind: file, file: data/none.ndjson } }'),
      'records.payload.file: no such file: /scenarios/data/none.ndjson',
    ],
    [
      'a column without a file',
      withRecords(
        '[{ partitionKey: { kind: column, column: a }, payload: { kind: random, size: 1KiB } }]',
      ),
      'records[0].partitionKey.kind: column needs a payload of kind file',
    ],
    [
      'a rate in bytes of payloads of unknown size',
      'version: 1\nload: { phases: [{ duration: 1s, rate: 1 MB/s }] }\nrecords: { payload: { kind: json, template: {} } }\n',
      'load.phases[0].rate: a rate in bytes needs payloads of known size',
    ],
    [
      'a target of another product',
      `${MINIMAL}target: { kind: kafka }\n`,
      'target.kind: kafka is not supported; expected one of simulator, aws, endpoint, null',
    ],
    [
      'an endpoint without its URL and stream',
      `${MINIMAL}target: { kind: endpoint }\n`,
      'target.endpoint: missing; kind: endpoint needs its URL',
    ],
    [
      'credentials in a URL',
      `${MINIMAL}target: { kind: endpoint, stream: s, endpoint: "http://me:secret@localhost" }\n`,
      'target.endpoint: the URL holds credentials',
    ],
    [
      'an endpoint that is not meant',
      `${MINIMAL}target: { endpoint: "http://localhost" }\n`,
      'target.endpoint: only for kind: endpoint, and the kind is simulator',
    ],
    [
      'an unknown fault',
      `${MINIMAL}target: { simulator: { faults: [{ kind: stal, rate: 1% }] } }\n`,
      'target.simulator.faults[0].kind: got "stal"; did you mean "stall"? expected one of throttle,',
    ],
    [
      'a fault that never happens',
      `${MINIMAL}target: { simulator: { faults: [{ kind: throttle }] } }\n`,
      'target.simulator.faults[0]: needs a rate, or a time window',
    ],
    [
      'a fault that can never fire',
      `${MINIMAL}target: { simulator: { faults: [{ kind: wrong-record-count, rate: 1%, operation: GetRecords }] } }\n`,
      'target.simulator.faults[0].operation: wrong-record-count is about PutRecords only',
    ],
    [
      'a fault on a shard that is not there',
      `${MINIMAL}target: { simulator: { shards: 2, faults: [{ kind: throttle, rate: 1%, shard: 2 }] } }\n`,
      'target.simulator.faults[0]: shard 2: the simulator has shards 0 to 1',
    ],
    [
      'more records in a request than the service takes',
      `${MINIMAL}producer: { collection: { maxCount: 501 } }\n`,
      'producer.collection.maxCount: got 501; expected a whole number, 1 to 500',
    ],
    [
      'aggregates that fit no request',
      `${MINIMAL}producer: { aggregation: { maxSize: 1MiB }, collection: { maxSize: 512KiB } }\n`,
      'producer.aggregation.maxSize: an aggregate of 1048576 bytes does not fit a request of 524288',
    ],
    [
      'aggregates of one key in order',
      `${MINIMAL}producer: { ordered: true, aggregateBy: key }\n`,
      'producer.aggregateBy: key does not go with producer.ordered',
    ],
    [
      'no attempt',
      `${MINIMAL}producer: { maxAttempts: 0 }\n`,
      'producer.maxAttempts: got 0; expected a whole number, 1 to 65535',
    ],
    [
      'records that expire in the buffer',
      `${MINIMAL}producer: { recordTtl: 1s, maxBufferedTime: 2s }\n`,
      'producer.recordTtl: less than maxBufferedTime',
    ],
    [
      'CBOR over the SDK',
      `${MINIMAL}producer: { transport: sdk, protocol: cbor }\n`,
      'producer.protocol: the AWS SDK speaks json',
    ],
    [
      'a rate limit that can be read two ways',
      `${MINIMAL}producer: { rateLimit: 150 }\n`,
      'producer.rateLimit: got 150; expected a percentage of the limit of a shard such as 150%',
    ],
    [
      'an unknown metric',
      `${MINIMAL}thresholds: [response.p98 < 1s]\n`,
      'thresholds[0]: unknown metric "response.p98"; did you mean "response.p9',
    ],
    [
      'a limit of another unit',
      `${MINIMAL}thresholds: [response.p99 < 5%]\n`,
      'thresholds[0]: limit "5%" of latency.response.p99: expected a duration such as 250ms',
    ],
    [
      'no threshold at all',
      `${MINIMAL}thresholds: [fast please]\n`,
      'thresholds[0]: expected "metric operator limit"',
    ],
    [
      'a threshold of an unknown phase',
      `${MINIMAL}thresholds: [{ expr: response.p99 < 1s, phase: phase1 }]\n`,
      'thresholds[0].phase: no phase "phase1"; did you mean "phase-1"?',
    ],
    [
      'a metric that a shard does not have',
      `${MINIMAL}thresholds: [{ expr: response.p99 < 1s, shard: shardId-000000000000 }]\n`,
      'thresholds[0].expr: unknown metric of a shard "response.p99"',
    ],
    [
      'a bad value in the matrix',
      `${MINIMAL}matrix:\n  producer.maxBufferedTime: [50ms, 100]\n`,
      'matrix.producer.maxBufferedTime[1]: producer.maxBufferedTime: got 100; expected a duration',
    ],
    [
      'an unknown field in a variant',
      `${MINIMAL}variants: { a: { load.producer: 5 } }\n`,
      'variants.a: load.producer: unknown field; did you mean "producers"?',
    ],
    [
      'an environment variable that is not set',
      `${MINIMAL}target: { stream: "\${STREAM}" }\n`,
      'target.stream: the environment variable STREAM is not set',
    ],
    [
      'an unknown primary metric',
      `${MINIMAL}primary: [acceptedPerSec]\n`,
      'primary[0]: unknown metric "acceptedPerSec"; did you mean "acceptedPerSecond"?',
    ],
  ];
  it.each(cases)('is told of %s', (_, text, expected) => {
    const lines = problemLines(text);
    expect(lines.join('\n')).toContain(expected);
    expect(lines[0]).toMatch(/^test\.yaml:\d+:\d+: /);
  });

  it('is told of all its problems at once', () => {
    const text = `version: 1
load:
  seed: -1
  phases: [{ duration: 10s, rate: fast }]
records: { payload: { kind: random, size: big } }
producer: { transport: carrier-pigeon }
`;
    expect(problemLines(text)).toEqual([
      expect.stringContaining('test.yaml:3:3: load.seed: got -1'),
      expect.stringContaining('test.yaml:4:29: load.phases[0].rate: got "fast"'),
      expect.stringContaining('test.yaml:5:37: records.payload.size: got "big"'),
      expect.stringContaining('test.yaml:6:13: producer.transport: got "carrier-pigeon"'),
    ]);
  });

  it('names file, problems and a remedy in one error', () => {
    const run = () => compile(MINIMAL.replace('1', '2'));
    expect(run).toThrow(ShardstormError);
    expect(run).toThrow('test.yaml:1:1: version: got 2');
    expect(run).toThrow(expect.objectContaining({ code: 'SHARDSTORM_SCENARIO_INVALID' }));
  });

  it.each([
    ['YAML', 'version: 1\n  name: [', 'test.yaml:2:'],
    ['JSON', '{"version": 1,\n"name": "a" "b"}', 'test.yaml:2:'],
    ['a field given twice', 'version: 1\nversion: 1\n', 'test.yaml:2:1: Map keys must be unique'],
    ['an alias to nothing', 'version: *there\n', 'test.yaml:1:10'],
  ])('of wrong syntax is told where: %s', (_, text, place) => {
    expect(() => compile(text)).toThrow(
      expect.objectContaining({ code: 'SHARDSTORM_SCENARIO_SYNTAX' }),
    );
    expect(() => compile(text)).toThrow(place);
  });

  it('that is no mapping is told so', () => {
    expect(() => compile('- 1\n')).toThrow('expected a section with fields');
    expect(() => compile('')).toThrow('expected a section with fields');
  });
});
