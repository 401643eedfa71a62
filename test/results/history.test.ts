import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fingerprintDifferences,
  fingerprintHash,
  fingerprintOf,
} from '../../src/results/fingerprint.ts';
import {
  historyRunIds,
  nightJsonSchema,
  readHistory,
  recordNight,
} from '../../src/results/history.ts';
import { ENVIRONMENT, nightFile, runOf, SCENARIO } from '../report/gate/nights.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'history-')), 'nightly');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const record = (day: number) => recordNight(folder, nightFile(day, 100), readHistory(folder));
const days = () =>
  readHistory(folder).nights.map(({ runs }) => runs[0]?.run.startedAt.slice(8, 10));

describe('a history', () => {
  it('is empty where there is none yet, and made by the first night', () => {
    expect(readHistory(folder)).toEqual({ nights: [], unreadable: [] });
    expect(existsSync(record(1))).toBe(true);
    expect(readHistory(folder).nights).toMatchObject([{ name: 'nightly', number: 1 }]);
  });

  it('keeps the order of recording, whatever the clock said', () => {
    for (const day of [5, 6, 2, 3]) record(day);
    expect(days()).toEqual(['05', '06', '02', '03']);
  });

  it('takes the same night once, in its place', () => {
    for (const day of [1, 2, 3, 2]) record(day);
    expect(days()).toEqual(['01', '02', '03']);
  });

  it('keeps the nights of two jobs that record at once', () => {
    record(1);
    const seenByBoth = readHistory(folder);
    recordNight(folder, nightFile(2, 100), seenByBoth);
    recordNight(folder, nightFile(3, 100), seenByBoth);
    expect(days()).toEqual(['01', '02', '03']);
    record(4);
    expect(days()).toEqual(['01', '02', '03', '04']);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('leaves out what cannot be read, says so, and loses nothing else', () => {
    const path = record(1);
    record(2);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, text.length / 2));
    writeFileSync(join(folder, 'x.night.json'), '{"schema":"shardstorm.night/1"}');
    const { nights, unreadable } = readHistory(folder);
    expect(nights).toHaveLength(1);
    expect(unreadable).toHaveLength(2);
    expect(unreadable.join()).toContain('number');
    record(3);
    expect(days()).toEqual(['02', '03']);
    expect(historyRunIds(folder)).toContain(runOf(1, 100).run.id);
  });

  it('reads nights whose runs are of an earlier form', () => {
    const path = record(1);
    const file = JSON.parse(readFileSync(path, 'utf8'));
    delete file.runs[0].verdict;
    writeFileSync(path, JSON.stringify(file));
    expect(readHistory(folder).nights[0]?.runs[0]?.verdict).toBe('valid');
  });
});

describe('a fingerprint', () => {
  const print = (scenario: unknown, environment = ENVIRONMENT) =>
    fingerprintOf(runOf(1, 100), environment, scenario);
  const differences = (scenario: unknown, environment = ENVIRONMENT) =>
    fingerprintDifferences(print(SCENARIO), print(scenario, environment)).map(({ what }) => what);
  const newer = { ...ENVIRONMENT, packages: { shardstorm: '0.2.0' } };
  const target = SCENARIO['target'] as object;

  it('is the same whatever the seed, the name of the stream and the tags are', () => {
    const load = { ...(SCENARIO['load'] as object), seed: 77 };
    const other = {
      ...SCENARIO,
      load,
      tags: { a: 'b' },
      target: { ...target, stream: 'of-tonight' },
    };
    expect(differences(other)).toEqual([]);
    expect(fingerprintHash(print(other))).toBe(fingerprintHash(print(SCENARIO)));
  });

  it('names every setting that differs', () => {
    const other = { ...SCENARIO, target: { ...target, region: 'mars-1' } };
    expect(differences(other)).toEqual(['target.region']);
  });

  it('tells machines and major versions apart, not patches', () => {
    const node = (version: string) => ({
      ...ENVIRONMENT,
      runtime: { ...ENVIRONMENT.runtime, node: version },
    });
    expect(differences(SCENARIO, node('20.20.0'))).toEqual([]);
    expect(differences(SCENARIO, node('24.1.0'))).toEqual(['Node.js']);
    const larger = { ...ENVIRONMENT, machine: { ...ENVIRONMENT.machine, cpuCount: 8 } };
    expect(differences(SCENARIO, larger)).toEqual(['machine']);
    expect(differences(SCENARIO, { ...ENVIRONMENT, packages: { shardstorm: '1.0.0' } })).toContain(
      'Shardstorm',
    );
  });

  it('forgives a setting that a later version knows, not a section that is new', () => {
    const more = { ...SCENARIO, target: { ...target, newSetting: 'off' } };
    expect(differences(more, newer)).toEqual([]);
    expect(differences(more)).toEqual(['target.newSetting']);
    const stop = {
      ...SCENARIO,
      load: { ...(SCENARIO['load'] as object), stopWhen: { metric: 'x' } },
    };
    expect(differences(stop, newer)).toEqual(['load.stopWhen.metric']);
  });
});

describe('the JSON Schema of a night', () => {
  it('names every field of the file', () => {
    const schema = nightJsonSchema() as { readonly required: readonly string[] };
    expect([...schema.required].sort()).toEqual(Object.keys(nightFile(1, 100)).sort());
  });
});
