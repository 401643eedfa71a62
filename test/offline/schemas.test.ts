/** Every JSON that is written, held against the schemas that ship, by a validator that they were not made with. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { StreamProfile } from '../../src/verify/profile.ts';
import { CALIBRATION } from '../fixtures/calibration.ts';
import { OutFolder, run } from '../system/program.ts';
import { stored } from '../verify/builders.ts';

const SCHEMAS = join(import.meta.dirname, '../../schema');
const SCENARIO = `version: 1
name: tiny
target: { kind: simulator, simulator: { shards: 2, faults: [{ kind: internal-failure, rate: 5% }] } }
load:
  workers: 1
  producers: 1
  seed: 7
  phases:
    - { name: first, duration: 2s, rate: 500/s, measure: false }
    - { name: hold, duration: 5s, rate: 500/s }
records: { payload: { kind: random, size: 100B } }
thresholds: ['response.p99 < 10s']
matrix: { producer.maxBufferedTime: [20ms, 200ms] }
`;

const checks = new Map<string, ValidateFunction>();
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) },
});

function schemaOf(name: string): ValidateFunction {
  const text = readFileSync(join(SCHEMAS, `${name}.schema.json`), 'utf8');
  const check = checks.get(name) ?? ajv.compile(JSON.parse(text));
  checks.set(name, check);
  return check;
}

/** What is wrong with a document; empty: nothing. */
function faultsOf(name: string, document: unknown): string[] {
  const check = schemaOf(name);
  if (check(document)) return [];
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('JSON that is written', () => {
  const out = new OutFolder();
  const scenario = join(out.path, 'tiny.yaml');
  const results = join(out.path, 'results');
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  let printed: { folder: string; summary: unknown };

  beforeAll(async () => {
    writeFileSync(scenario, SCENARIO);
    for (const name of ['a', 'b']) {
      const words = ['run', scenario, '--virtual', '--json', '--quiet', '--name', name];
      const ended = await run([...words, '--out', results]);
      expect(ended.code, ended.stderr).toBe(0);
      printed = JSON.parse(ended.stdout);
    }
  });
  afterAll(() => out.remove());

  it('of a run: the printed summary and every file', () => {
    expect(faultsOf('summary', printed.summary)).toEqual([]);
    const file = (name: string) => read(printed.folder, name);
    expect(faultsOf('summary', JSON.parse(file('summary.json')))).toEqual([]);
    expect(faultsOf('environment', JSON.parse(file('environment.json')))).toEqual([]);
    expect(faultsOf('scenario', parse(file('scenario.yaml')))).toEqual([]);
    const timeline = linesOf(file('timeline.jsonl'));
    const events = linesOf(file('events.jsonl'));
    expect(timeline.length).toBeGreaterThan(5);
    expect(events.length).toBeGreaterThan(2);
    expect(timeline.flatMap((line) => faultsOf('timeline', line))).toEqual([]);
    expect(events.flatMap((line) => faultsOf('event', line))).toEqual([]);
  });

  it('of a comparison and of a sweep', async () => {
    const target = join(out.path, 'compared');
    const folders = readdirSync(results).map((name) => join(results, name));
    const compared = await run(['compare', ...folders, '--by', 'name', '--out', target, '--json']);
    expect(compared.code, compared.stderr).toBe(0);
    expect(faultsOf('comparison', JSON.parse(compared.stdout).comparison)).toEqual([]);
    expect(faultsOf('comparison', JSON.parse(read(target, 'comparison.json')))).toEqual([]);
    const planned = await run(['sweep', scenario, '--dry-run', '--json', '--max-blocks', '12']);
    expect(planned.code, planned.stderr).toBe(0);
    expect(faultsOf('sweep', JSON.parse(planned.stdout).sweep)).toEqual([]);
  });

  it('of a verified run: what is to be delivered, and what was', async () => {
    const wire = join(out.path, 'wire');
    const words = ['run', scenario, '--duration', '1s', '--set', 'load.phases.first.duration=1s'];
    const ended = await run([
      ...words,
      '--set',
      'verify=after',
      '--json',
      '--quiet',
      '--out',
      wire,
    ]);
    expect(ended.code, ended.stderr).toBe(0);
    const { folder } = JSON.parse(ended.stdout);
    expect(faultsOf('delivery', JSON.parse(read(folder, 'delivery.json')))).toEqual([]);
    expect(faultsOf('verification', JSON.parse(read(folder, 'verification.json')))).toEqual([]);
  });

  it('of a plan, with and without growth', async () => {
    for (const more of [[], ['--growth', '8%', '--shards', '1']]) {
      const ended = await run(['plan', scenario, '--json', ...more]);
      expect(ended.code, ended.stderr).toBe(0);
      expect(faultsOf('plan', JSON.parse(ended.stdout))).toEqual([]);
    }
  });

  it('of a search for the capacity', async () => {
    const words = ['capacity', scenario, '--virtual', '--from', '1000/s', '--precision', '20%'];
    const ended = await run([...words, '--json', '--quiet', '--out', join(out.path, 'capacity')]);
    expect([0, 99], ended.stderr).toContain(ended.code);
    const found = JSON.parse(ended.stdout);
    expect(faultsOf('capacity', found)).toEqual([]);
    expect(faultsOf('capacity', JSON.parse(read(found.folder, 'capacity.json')))).toEqual([]);
    expect(faultsOf('capacity', { ...found, status: 'found' })).not.toEqual([]);
  });

  it('of a gate, and of the night that it records', async () => {
    const history = join(out.path, 'history');
    const words = ['gate', printed.folder, '--history', history, '--confirm', '0', '--json'];
    const ended = await run([...words, '--record', '--quiet']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(faultsOf('gate', JSON.parse(ended.stdout))).toEqual([]);
    const [night = ''] = readdirSync(history).filter((name) => name.endsWith('.night.json'));
    expect(faultsOf('night', JSON.parse(read(history, night)))).toEqual([]);
  });

  it('of a list, and of tags put on later', async () => {
    const change = ['--set', 'release=1', '--remove', 'scratch', '--json'];
    const tagged = await run(['tag', printed.folder, ...change]);
    expect(tagged.code, tagged.stderr).toBe(0);
    const told = JSON.parse(tagged.stdout);
    expect(told.results[0].tags).toEqual({ release: '1' });
    expect(faultsOf('tagged', told)).toEqual([]);
    expect(faultsOf('tagged', { ...told, results: [{ id: 1 }] })).not.toEqual([]);
    expect(faultsOf('tags', JSON.parse(read(printed.folder, 'tags.json')))).toEqual([]);
    mkdirSync(join(results, '20260102T020000Z-nightly-0000bb'));
    const listed = await run(['list', '--out', results, '--json']);
    expect(listed.code, listed.stderr).toBe(0);
    const document = JSON.parse(listed.stdout);
    expect(document.runs).toHaveLength(2);
    expect(document.others).toHaveLength(1);
    expect(faultsOf('list', document)).toEqual([]);
    expect(faultsOf('list', { ...document, runs: [{}] })).not.toEqual([]);
  });

  it('of what may be pruned', async () => {
    const words = ['prune', '--out', results, '--keep', '1', '--dry-run', '--json'];
    const ended = await run(words);
    expect(ended.code, ended.stderr).toBe(0);
    const document = JSON.parse(ended.stdout);
    const going = document.results.filter((each: { keptBecause: unknown }) => !each.keptBecause);
    expect(going.length).toBeGreaterThan(0);
    expect(going.length).toBeLessThan(document.results.length);
    expect(faultsOf('prune', document)).toEqual([]);
    expect(faultsOf('prune', { ...document, isDryRun: 'yes' })).not.toEqual([]);
  });

  it('of an inspected stream', () => {
    const none = { inspectedAt: '2026-11-23T15:00:00.000Z', openShards: 1, unreadShards: [] };
    const profile = new StreamProfile();
    const salt = Buffer.from('salt');
    const data = () => profile.data({ ...none, stream: 's', salt, topKeys: 2 });
    expect(faultsOf('inspection', data())).toEqual([]);
    for (let i = 0; i < 50; i++) {
      profile.record('shardId-000000000000', stored(Buffer.alloc(9), `key-${i % 7}`));
    }
    expect(faultsOf('inspection', data())).toEqual([]);
    expect(faultsOf('inspection', { ...data(), keys: {} })).not.toEqual([]);
  });

  it('of a calibration', () => {
    expect(faultsOf('calibration', CALIBRATION)).toEqual([]);
    expect(faultsOf('calibration', { ...CALIBRATION, md5: 'slow' })).not.toEqual([]);
  });

  it('is refused by the schemas where it is not what they say', () => {
    const summary = JSON.parse(read(printed.folder, 'summary.json'));
    expect(faultsOf('summary', { ...summary, valid: 'yes' })).not.toEqual([]);
    expect(faultsOf('sweep', { schema: 'shardstorm.sweep/1' })).not.toEqual([]);
  });
});
