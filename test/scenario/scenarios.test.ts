import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashPartitionKey } from '../../src/kinesis/hash-key.ts';
import { SHARD_WRITE_RECORDS_PER_SECOND } from '../../src/kinesis/limits.ts';
import { compileScenario } from '../../src/scenario/compile.ts';
import { loadScenario, scenarioSource } from '../../src/scenario/load.ts';
import { renderScenario } from '../../src/scenario/render.ts';

const FOLDER = join(import.meta.dirname, '../../scenarios');
const files = readdirSync(FOLDER).filter((file) => /\.(ya?ml|json)$/.test(file));

describe('a shipped scenario', () => {
  it.each(files)('%s loads, is short, and says which question it answers', (file) => {
    const path = join(FOLDER, file);
    const plan = loadScenario(path);
    expect(plan.name).toBe(file.replace(/\.[^.]+$/, ''));
    const seconds = plan.load.phases.reduce((sum, { durationUs }) => sum + durationUs, 0) / 1e6;
    // A what-if needs minutes of a stream's time. It declares itself, and says how to have them in seconds.
    if (plan.tags['what-if'] === 'virtual') {
      expect(plan.target.kind).toBe('simulator');
      expect(readFileSync(path, 'utf8')).toContain('run --virtual');
      expect(seconds).toBeLessThanOrEqual(600);
    } else if (file === 'nightly.yaml') {
      // Each variant, and the scenario as it stands, once a block: all of it in under a quarter of an hour.
      const runs = plan.blocks * (1 + Object.keys(plan.variants).length);
      expect(seconds * runs).toBeLessThan(15 * 60);
    } else expect(seconds).toBeLessThanOrEqual(20);
    expect(readFileSync(path, 'utf8').split('\nversion:')[0]).toMatch(/^# [^?]*\?/);
    // The number of producers changes batch sizes, so it is part of what a scenario says.
    if (plan.target.kind !== 'null') expect(plan.load.producers).toBeTypeOf('number');
  });

  it.each(files)('%s reads back from its rendered form', (file) => {
    const path = join(FOLDER, file);
    const plan = loadScenario(path);
    expect(compileScenario(scenarioSource(renderScenario(plan), path), {})).toEqual(plan);
  });

  it('is a what-if only where it must be', () => {
    const whatIfs = files.filter((file) => loadScenario(join(FOLDER, file)).tags['what-if']);
    expect(whatIfs).toEqual(['flash-crowd.yaml', 'on-demand-doubling.yaml', 'outage.yaml']);
  });

  it('of more than a machine offers on the wire stands apart', () => {
    for (const name of ['thousand-shards', 'ten-thousand-shards']) {
      const plan = loadScenario(join(FOLDER, `what-if/${name}.yaml`));
      expect(plan.tags['what-if']).toBe('virtual');
    }
  });

  it('exists for the quickstart and the real records', () => {
    expect(files).toContain('quickstart.yaml');
    expect(files).toContain('flights.yaml');
    expect(existsSync(join(FOLDER, 'data/LICENSE-vega-datasets'))).toBe(true);
  });
});

/** Records a second that each of `shards` equal shards is asked for. */
function demand(keys: readonly string[], shards: number, perSecond: number): number[] {
  const words = new Uint32Array(4);
  const counts = new Array<number>(shards).fill(0);
  for (const key of keys) {
    hashPartitionKey(new TextEncoder().encode(key), words);
    counts[Math.floor((words[0]! * shards) / 2 ** 32)]!++;
  }
  return counts.map((count) => (count / keys.length) * perSecond);
}

describe('flights.yaml', () => {
  const plan = loadScenario(join(FOLDER, 'flights.yaml'));
  const payload = plan.records[0]!.payload;
  const lines = readFileSync(payload.kind === 'file' ? payload.file : '', 'utf8')
    .trim()
    .split('\n');

  it('heats exactly one shard beyond its limit', () => {
    const origins = lines.map((line) => (JSON.parse(line) as { origin: string }).origin);
    const rate = plan.load.phases.at(-1)!.rate;
    const perSecond = rate.kind === 'constant' ? rate.perSecond : 0;
    const perShard = demand(origins, plan.target.simulator.shards, perSecond);
    expect(perShard.map((value) => value > SHARD_WRITE_RECORDS_PER_SECOND)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    // Used up: the burst of one second's records that a shard lends, well before the end.
    const seconds = plan.load.phases.reduce((sum, { durationUs }) => sum + durationUs, 0) / 1e6;
    const excess = perShard[3]! - SHARD_WRITE_RECORDS_PER_SECOND;
    expect(SHARD_WRITE_RECORDS_PER_SECOND / excess).toBeLessThan(seconds / 2);
    expect(plan.producer.aggregation.enabled).toBe(false);
  });

  it('replays real records of at most a megabyte', () => {
    expect(lines).toHaveLength(10_000);
    expect(Object.keys(JSON.parse(lines[0]!))).toEqual([
      'date',
      'delay',
      'distance',
      'origin',
      'destination',
    ]);
    expect(lines.join('\n').length).toBeLessThan(1_000_000);
  });
});
