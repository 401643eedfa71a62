import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { summarySchema } from '../../src/results/schema.ts';
import { ledgerGap, OutFolder, QUICKSTART, run, SHORT } from '../system/program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

describe('run --virtual', () => {
  it('writes the same summary, byte for byte, when it is done again', async () => {
    const words = ['run', QUICKSTART, ...SHORT, '--virtual', '--out', out.path];
    const first = await run(words);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toContain('times real time');
    const text = out.read('summary.json');
    const again = await run(words);
    expect(again.code, again.stderr).toBe(0);
    expect(out.read('summary.json')).toBe(text);
    const summary = summarySchema.parse(JSON.parse(text));
    expect(summary.valid).toBe(true);
    expect(ledgerGap(summary)).toBe(0);
    expect(summary.userRecords.accepted).toBe(4000);
    expect(summary.run.target).toContain('virtual time');
  });

  it('ends with 3 when the target answers nothing at all, in the time that it is given', async () => {
    const stall = 'target.simulator.faults=[{ kind: stall, at: 0s, for: 10m }]';
    const set = [stall, 'producer.recordTtl=5s', 'load.drain=10s'];
    const words = ['run', QUICKSTART, ...SHORT, '--virtual', '--out', out.path];
    const ended = await run([...words, ...set.flatMap((field) => ['--set', field])]);
    expect(ended.code).toBe(3);
    expect(out.summary.userRecords).toMatchObject({ accepted: 0, offered: 4000 });
    expect(ledgerGap(out.summary)).toBe(0);
    // 500 ms of warm-up, 2 s of hold, and the drain at the most; the thread's timers fire half a microsecond after a step.
    expect(out.summary.run.durationMs).toBeLessThanOrEqual(12_500.0005);
    expect(out.summary.invalidReasons.join()).toContain('None of 4,000 records was accepted');
  });

  it('is not for a target that is somewhere else', async () => {
    const ended = await run([
      'run',
      QUICKSTART,
      '--virtual',
      '--target',
      'null',
      '--workers',
      '3',
      '--out',
      out.path,
    ]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('note: --virtual runs in one thread, whatever --workers says');
    expect(ended.stderr).toContain('target.kind is null');
  });
});

const UNIFORM = '{ kind: uniform, cardinality: 10000 }';
const HOT = '{ kind: hot, share: 80%, keys: 1, cardinality: 1000 }';
const ONE_BY_ONE = 'aggregation: { enabled: false }';
/**
 * Loads whose times are long beside what a busy machine adds to them, and whose figures do not depend on a few draws, so
 * that the tolerances can be the promised ones. A service time is drawn for each request: two producers make some forty
 * requests in all, and p99 is that of one or two; sixteen make some hundreds.
 */
const AGREEING = {
  steady: { faults: '', keys: UNIFORM, rate: 1000, producers: 16, producer: '' },
  'hot shard': {
    faults: '',
    keys: HOT,
    rate: 1500,
    producers: 1,
    producer: `${ONE_BY_ONE}, rateLimit: 100%`,
  },
  reshard: {
    faults: '{ kind: split-shard, at: 3s, shard: 0 }',
    keys: UNIFORM,
    rate: 1000,
    producer: '',
  },
  'retry storm': {
    faults: '{ kind: throttle, rate: 30% }',
    keys: UNIFORM,
    rate: 1000,
    producer: ONE_BY_ONE,
  },
  outage: { faults: '{ kind: stall, at: 3s, for: 2s }', keys: UNIFORM, rate: 1000, producer: '' },
} as const;

describe('virtual time and the wire agree', () => {
  it.each(Object.entries(AGREEING))('%s', async (name, load) => {
    const buffering = 'maxBufferedTime: 500ms';
    const scenario = `version: 1
name: ${name.replace(' ', '-')}
target:
  kind: simulator
  simulator: { shards: 2, latency: { median: 100ms, p99: 150ms }, faults: [${load.faults}] }
load:
  workers: 1
  producers: ${'producers' in load ? load.producers : 2}
  seed: 1
  phases: [{ name: hold, duration: 8s, rate: ${load.rate}/s }]
records: { partitionKey: ${load.keys}, payload: { kind: random, size: 200B } }
producer: { ${[load.producer, buffering].filter((part) => part !== '').join(', ')} }
`;
    const folder = `${out.path}-scenario`;
    mkdirSync(folder);
    const file = join(folder, 'load.yaml');
    writeFileSync(file, scenario);
    const summaryOf = async (...words: string[]) => {
      const ended = await run(['run', file, '--json', '--quiet', '--out', out.path, ...words]);
      return summarySchema.parse(JSON.parse(ended.stdout).summary);
    };
    const wire = await summaryOf();
    const virtual = await summaryOf('--virtual');
    rmSync(folder, { recursive: true });
    const apart = (read: (summary: typeof wire) => number | null) =>
      Math.abs((read(virtual) ?? Number.NaN) / (read(wire) ?? Number.NaN) - 1);
    expect(Math.abs(virtual.rates.throttle - wire.rates.throttle)).toBeLessThan(0.01);
    expect(apart((s) => s.latency.response.p99)).toBeLessThan(0.05);
    expect(apart((s) => s.kinesisRecords.userRecordsPerRecord)).toBeLessThan(0.02);
    expect(apart((s) => s.kinesisRecords.bytesPerRecord)).toBeLessThan(0.02);
    expect(virtual.userRecords.offered).toBe(wire.userRecords.offered);
  });
});
