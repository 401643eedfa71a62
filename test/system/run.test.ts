import { readdirSync } from 'node:fs';
import { HistogramLogReader } from 'hdr-histogram-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { summarySchema } from '../../src/results/schema.ts';
import { ledgerGap, OutFolder, QUICKSTART, run, SHORT } from './program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

const toOut = () => ['--out', out.path];
describe('run', () => {
  it('leaves a whole result folder and a summary that the simulator confirms', async () => {
    const ended = await run(['run', QUICKSTART, ...SHORT, ...toOut()]);
    expect(ended.stderr).not.toContain('error');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/VALID|SUSPECT/);
    expect(readdirSync(out.result).sort()).toEqual([
      'delivery.json',
      'environment.json',
      'events.jsonl',
      'latency.hlog',
      'report.html',
      'scenario.yaml',
      'summary.json',
      'timeline.jsonl',
    ]);
    const summary = summarySchema.parse(out.summary);
    expect(summary.valid).toBe(true);
    expect(summary.status).toBe('completed');
    expect(ledgerGap(summary)).toBe(0);
    expect(summary.userRecords.offered).toBe(4000);
    expect(summary.userRecords.accepted).toBe(4000);
    expect(summary.phases.map(({ name, userRecords }) => [name, userRecords.offered])).toEqual([
      ['warm-up', 500],
      ['hold', 4000],
    ]);
    const { response, lateness, buffering, retry, service } = summary.latency;
    const parts = [lateness, buffering, retry, service].reduce((sum, l) => sum + (l.mean ?? 0), 0);
    expect(parts / (response.mean ?? 0)).toBeCloseTo(1, 3);
    expect(response.count).toBe(4000);
    const log = new HistogramLogReader(out.read('latency.hlog'));
    let logged = 0;
    for (let next = log.nextIntervalHistogram(); next; next = log.nextIntervalHistogram()) {
      if (next.tag === 'total.response') logged += next.totalCount;
    }
    expect(logged).toBe(4000);
  });

  it('prints one JSON document on stdout with --json, the summary that is stored', async () => {
    const ended = await run(['run', QUICKSTART, ...SHORT, ...toOut(), '--json']);
    const { folder, summary } = JSON.parse(ended.stdout);
    expect(folder).toBe(out.result);
    expect(summary).toEqual(out.summary);
  });

  it.each([
    ['direct', 'cbor', '2'],
    ['direct', 'json', '1.1'],
    ['sdk', 'json', '1.1'],
    ['sdk', 'json', '2'],
  ])(
    'sends by %s, %s over HTTP/%s, and the SDK warns of old Node at most once',
    async (transport, protocol, http) => {
      const set = [`transport=${transport}`, `protocol=${protocol}`, `http=${http}`];
      const words = set.flatMap((field) => ['--set', `producer.${field}`]);
      const ended = await run(['run', QUICKSTART, ...SHORT, ...words, ...toOut()]);
      expect(ended.code).toBe(0);
      expect(out.summary.userRecords.accepted).toBe(4000);
      expect(out.summary.run).toMatchObject({ transport, protocol });
      expect(ended.stderr.match(/NodeVersionSupportWarning/g)?.length ?? 0).toBeLessThanOrEqual(1);
    },
  );

  it('ends with 99 when a threshold fails, and when it has no data', async () => {
    const failing = ['--threshold', 'response.p99 < 1us', '--threshold', 'endToEnd.p99 < 1s'];
    const ended = await run(['run', QUICKSTART, ...SHORT, ...failing, ...toOut()]);
    expect(ended.code).toBe(99);
    expect(out.summary.valid).toBe(true);
    const outcomes = out.summary.thresholds.slice(-2);
    expect(outcomes).toMatchObject([
      { held: false, note: '' },
      { held: false, actual: null, note: 'no data' },
    ]);
    expect(ended.stdout).toContain('no data');
  });

  it('stops early when a threshold that may end the run has failed', async () => {
    const threshold =
      'thresholds=[{ expr: "userRecords.accepted == 0", abortOnFail: true, delay: 500ms }]';
    const words = ['--set', threshold, '--duration', '60s'];
    const ended = await run(['run', QUICKSTART, ...words, ...toOut()]);
    expect(ended.code).toBe(99);
    expect(out.summary.run.durationMs).toBeLessThan(30_000);
    expect(ledgerGap(out.summary)).toBe(0);
    expect(out.read('events.jsonl')).toContain('threshold-abort');
  });
});
