import { describe, expect, it } from 'vitest';
import { SIMULATOR_DEFAULTS, simulatorOptions } from '../../src/cli/simulate-options.ts';

const DEFAULTS = {
  port: '4567',
  'control-port': '4569',
  host: '127.0.0.1',
  limits: 'bucket',
  memory: '256MiB',
  region: 'us-east-1',
  seed: '1',
};
const read = (flag: string, file: string) => `${flag}:${file}`;
const options = (flags: Record<string, unknown>, base = SIMULATOR_DEFAULTS) =>
  simulatorOptions({ ...DEFAULTS, ...flags }, base, read, {});

describe('the flags of simulate', () => {
  it('have defaults that start a small stream on loopback', () => {
    expect(options({})).toEqual({
      stream: 'simulated',
      mode: 'provisioned',
      shards: 4,
      latency: { kind: 'zero' },
      faults: [],
      limits: 'bucket',
      storedBytesMax: 256 * 1024 * 1024,
      region: 'us-east-1',
      seed: 1,
      host: '127.0.0.1',
      port: 4567,
      controlPort: 4569,
      tls: null,
      credentials: [],
      persist: null,
      transitionUs: 100_000,
      scaleEveryUs: 60_000_000,
      baseDirectory: '',
    });
  });

  it.each([
    ['zero', { kind: 'zero' }],
    ['aws-like', { kind: 'aws-like' }],
    ['5ms', { kind: 'fixed', us: 5000 }],
    ['6ms,30ms', { kind: 'lognormal', medianUs: 6000, p99Us: 30_000 }],
    ['5ms,per100KiB=500us', { kind: 'fixed', us: 5000, perBodyUs: 500 }],
    ['results/a b/latency.hlog', { kind: 'file', file: 'results/a b/latency.hlog', tag: null }],
    ['C:/x.hlog:total.response', { kind: 'file', file: 'C:/x.hlog', tag: 'total.response' }],
  ])('read the latency %s', (latency, plan) => {
    expect(options({ latency: [latency] }).latency).toEqual(plan);
  });

  it('give an operation a latency of its own', () => {
    const latency = ['zero', 'GetRecords=1ms,4ms', 'ListShards=aws-like'];
    expect(options({ latency }).latency).toEqual({
      kind: 'zero',
      operations: {
        GetRecords: { kind: 'lognormal', medianUs: 1000, p99Us: 4000 },
        ListShards: { kind: 'aws-like' },
      },
    });
  });

  it('take whose signatures are verified, and never repeat a secret', () => {
    expect(options({ credentials: ['AKIA1:a:b/+='] }).credentials).toEqual([
      { accessKeyId: 'AKIA1', secretAccessKey: 'a:b/+=' },
    ]);
    expect(() => options({ credentials: ['sosecret'] })).toThrow(
      /^--credentials must be an access key id and its secret, with a colon between$/,
    );
  });

  it('read faults with their fields', () => {
    const fault = [
      'stall,at=20s,for=2s,shards=0+1',
      'internal-failure,rate=0.1%,operation=PutRecord',
    ];
    expect(options({ fault }).faults).toEqual([
      {
        kind: 'stall',
        rate: null,
        atUs: 20_000_000,
        forUs: 2_000_000,
        shards: [0, 1],
        operation: null,
      },
      {
        kind: 'internal-failure',
        rate: 0.001,
        atUs: null,
        forUs: null,
        shards: null,
        operation: 'PutRecord',
      },
    ]);
  });

  it.each(['0.01', '.01', '1%', '1e-2'])('read the rate %s', (rate) => {
    expect(options({ fault: [`throttle,rate=${rate}`] }).faults[0]?.rate).toBe(0.01);
  });

  it('refuse a certificate file with nothing in it', () => {
    const empty = (flag: string) =>
      simulatorOptions(
        { ...DEFAULTS, 'tls-cert': 'c.pem', 'tls-key': 'k.pem' },
        SIMULATOR_DEFAULTS,
        (read) => (read === flag ? '\n' : 'PEM'),
        {},
      );
    expect(() => empty('tls-cert')).toThrow('--tls-cert c.pem is empty');
    expect(() => empty('tls-key')).toThrow('--tls-key k.pem is empty');
  });

  it('take a port of TLS with --tls', () => {
    expect(options({ tls: true }).tls).toEqual({ port: 4568 });
    expect(options({ tls: true, 'tls-port': '5000' }).tls).toEqual({ port: 5000 });
  });

  it('take a certificate of one’s own', () => {
    expect(options({ 'tls-cert': 'c', 'tls-key': 'k' }).tls).toEqual({
      port: 4568,
      certificate: { cert: 'tls-cert:c', key: 'tls-key:k' },
    });
  });

  it('go over what a scenario says', () => {
    const base = {
      ...SIMULATOR_DEFAULTS,
      stream: 'clicks',
      shards: 9,
      latency: { kind: 'aws-like' },
    } as const;
    expect(options({ shards: '7' }, base)).toMatchObject({
      stream: 'clicks',
      shards: 7,
      latency: { kind: 'aws-like' },
    });
  });

  it.each([
    [{ port: '70000' }, /--port 70000 is not allowed/],
    [{ port: '-1' }, /--port -1 is not allowed/],
    [{ shards: '0' }, /--shards 0 is not allowed/],
    [{ shards: '2.5' }, /--shards 2.5 is not allowed/],
    [{ mode: 'fast' }, /--mode fast is not allowed/],
    [{ limits: 'none' }, /--limits none is not allowed/],
    [{ memory: '10' }, /--memory 10 is not allowed/],
    [{ latency: ['30ms,6ms'] }, /--latency 30ms,6ms is no service time/],
    [{ latency: ['1ms,2ms,3ms'] }, /is no service time/],
    [{ fault: ['stall,shards=a'] }, /--fault stall,shards=a: shards is/],
    [{ 'verify-signatures': true }, /--verify-signatures needs credentials/],
    [{ 'tls-cert': 'c' }, /--tls-cert and --tls-key go together/],
    [{ 'tls-port': '5000' }, /--tls-port 5000 is given without --tls/],
    [{ stream: 'bad name!' }, /--stream "bad name!" is no name of a stream/],
    [{ stream: '' }, /--stream "" is no name of a stream/],
    [{ latency: ['GetRecrods=1ms'] }, /--latency GetRecrods=1ms: GetRecrods is no operation/],
    [{ fault: ['stall,rate=1%,operation=PutRecrods'] }, /operation is "PutRecrods"; it must be/],
    [{ fault: ['split-shard,rate=1%'] }, /rate is "1%"; split-shard happens once and has none/],
    [{ fault: ['throttle,rate=0%'] }, /rate is "0%"; it must be above 0/],
    [{ fault: ['throttle,rate=2'] }, /rate is "2"; it must be above 0, up to 1/],
    [
      { fault: ['wrong-record-count,rate=1%,operation=GetRecords'] },
      /operation is "GetRecords"; wrong-record-count is about PutRecords only/,
    ],
  ])('refuse %j', (flags, message) => {
    expect(() => options(flags)).toThrow(message);
    expect(() => options(flags)).toThrow(
      expect.objectContaining({
        code: 'SHARDSTORM_CLI_USAGE',
        hint: expect.stringMatching(/^(Give|Set) /),
      }),
    );
  });
});
