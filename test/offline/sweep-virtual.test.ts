import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutFolder, run } from '../system/program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

const SCENARIO = `version: 1
name: batching
target: { kind: simulator, simulator: { shards: 2, latency: { median: 12ms, p99: 60ms } } }
load:
  producers: 2
  phases:
    - { name: warm-up, duration: 500ms, rate: 500/s, measure: false }
    - { name: hold, duration: 2s, rate: 500/s }
records: { partitionKey: { kind: uniform, cardinality: 1000 }, payload: { kind: random, size: 200B } }
matrix: { producer.maxBufferedTime: [50ms, 500ms] }
`;

describe('sweep --virtual', () => {
  it('compares its variants without a wait, and is the same when it is done again', async () => {
    const scenario = join(out.path, 'batching.yaml');
    writeFileSync(scenario, SCENARIO);
    const results = join(out.path, 'results');
    const words = ['sweep', scenario, '--virtual', '--blocks', '6', '--max-blocks', '6', '--quiet'];
    const sweep = async () => {
      const ended = await run([...words, '--out', results]);
      expect([0, 99], ended.stderr).toContain(ended.code);
      const [only, ...more] = readdirSync(results);
      expect(more).toEqual([]);
      const folder = join(results, only ?? '');
      return { folder, comparison: readFileSync(join(folder, 'comparison.json'), 'utf8') };
    };
    const first = await sweep();
    expect(first.comparison).toContain('maxBufferedTime=500ms');
    const runs = readdirSync(first.folder).filter((name) => /^2026\d{4}T/.test(name));
    expect(runs).toHaveLength(12);
    expect((await sweep()).comparison).toBe(first.comparison);
  });
});
