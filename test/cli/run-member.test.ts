import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkStart, membershipOf, scenarioHash } from '../../src/cli/run-member.ts';
import { loadScenario } from '../../src/scenario/load.ts';

const NOW_MS = Date.parse('2026-11-23T18:00:00Z');
const of = (args: Record<string, string>, environment: Record<string, string> = {}) =>
  membershipOf(args, { environment }, NOW_MS);

describe('--share', () => {
  it.each([
    [{}, { index: 0, count: 1 }],
    [{ share: '1/4' }, { index: 1, count: 4 }],
  ])('%j', (args, share) => {
    expect(of(args as Record<string, string>).share).toEqual(share);
  });

  it.each([
    ['auto/8', { JOB_COMPLETION_INDEX: '5' }, { index: 5, count: 8 }],
    ['auto', { JOB_COMPLETION_INDEX: '5', SHARDSTORM_SHARES: '6' }, { index: 5, count: 6 }],
    [
      'auto',
      { AWS_BATCH_JOB_ARRAY_INDEX: '0', AWS_BATCH_JOB_ARRAY_SIZE: '3' },
      { index: 0, count: 3 },
    ],
    ['auto', { SLURM_PROCID: '3', SLURM_NTASKS: '4' }, { index: 3, count: 4 }],
    [
      'auto',
      { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '5', SLURM_ARRAY_TASK_COUNT: '4' },
      { index: 2, count: 4 },
    ],
    [
      'auto',
      {
        SLURM_ARRAY_TASK_ID: '1',
        SLURM_ARRAY_TASK_MIN: '0',
        SLURM_ARRAY_TASK_COUNT: '2',
        SLURM_PROCID: '1',
        SLURM_NTASKS: '3',
      },
      { index: 4, count: 6 },
    ],
    [
      'auto',
      {
        SLURM_ARRAY_TASK_ID: '4',
        SLURM_ARRAY_TASK_MIN: '0',
        SLURM_ARRAY_TASK_STEP: '2',
        SLURM_ARRAY_TASK_COUNT: '4',
      },
      { index: 2, count: 4 },
    ],
    [
      'auto/3',
      { AWS_BATCH_JOB_ARRAY_INDEX: '0', AWS_BATCH_JOB_ARRAY_SIZE: '3' },
      { index: 0, count: 3 },
    ],
  ])('%s takes it from %j', (share, environment, expected) => {
    expect(of({ share }, environment as unknown as Record<string, string>).share).toEqual(expected);
  });

  it('is not taken from an engine unless asked for', () => {
    expect(of({}, { SLURM_PROCID: '3', SLURM_NTASKS: '4' }).share.count).toBe(1);
  });

  it.each([
    ['4/4', {}, /4\/4 is not a share/],
    ['auto', {}, /no engine/],
    ['auto', { JOB_COMPLETION_INDEX: '1' }, /\?/],
    ['auto/2', { JOB_COMPLETION_INDEX: '2' }, /JOB_COMPLETION_INDEX.*found 2\/2/],
    ['auto/x3', { JOB_COMPLETION_INDEX: '1' }, /auto\/x3 is not a share/],
    ['autox', { JOB_COMPLETION_INDEX: '1', SHARDSTORM_SHARES: '3' }, /autox is not a share/],
    [
      'auto/4',
      { AWS_BATCH_JOB_ARRAY_INDEX: '1', AWS_BATCH_JOB_ARRAY_SIZE: '8' },
      /runs 8 members \(AWS_BATCH_JOB_ARRAY_INDEX\), not 4/,
    ],
    ['auto/4', { SLURM_PROCID: '3', SLURM_NTASKS: '8' }, /runs 8 members \(SLURM_PROCID\), not 4/],
    [
      'auto',
      { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_STEP: '2', SLURM_ARRAY_TASK_COUNT: '4' },
      /is not a share/,
    ],
  ])('refuses %s with %j', (share, environment, message) => {
    expect(() => of({ share }, environment as Record<string, string>)).toThrow(message);
  });
});

describe('--start-at', () => {
  it.each([
    ['2026-11-23T18:30:00Z', Date.parse('2026-11-23T18:30:00Z') * 1000],
    ['2026-11-23T19:30:00.250+01:00', Date.parse('2026-11-23T18:30:00.250Z') * 1000],
    ['1795458600.5', 1_795_458_600_500_000],
    ['@1795458600', 1_795_458_600_000_000],
  ])('%s', (value, us) => {
    expect(of({ 'start-at': value }).startAtUs).toBe(us);
  });

  it.each([
    ['18:30', /not an instant/],
    ['2026-11-23T18:30:00', /not an instant/],
    ['soon', /not an instant/],
    ['2026-02-31T00:00:00Z', /not an instant/],
    ['2026-04-31T23:00:00+02:00', /not an instant/],
    ['2027-11-23T18:30:00Z', /more than a day ahead/],
  ])('refuses %s', (value, message) => {
    expect(() => of({ 'start-at': value })).toThrow(message);
  });
});

describe('the start of a share on the wire', () => {
  const startAtUs = NOW_MS * 1000;
  const share = { index: 1, count: 4 };

  it('must be agreed on, since it tells one launch from another', () => {
    expect(() => checkStart({ share, startAtUs: null }, 1e6, NOW_MS)).toThrow(/no common start/);
    const alone = { share: { index: 0, count: 1 }, startAtUs: null };
    expect(() => checkStart(alone, 1e6, NOW_MS)).not.toThrow();
  });

  it('may have passed, but not by the whole schedule', () => {
    expect(() => checkStart({ share, startAtUs }, 60e6, NOW_MS + 60_000)).not.toThrow();
    expect(() => checkStart({ share, startAtUs }, 60e6, NOW_MS + 60_001)).toThrow(
      /2026-11-23T18:00:00\.000Z was 60.0s ago, and the whole load takes 60.0s/,
    );
    expect(() => checkStart({ share, startAtUs: 0 }, 60e6, NOW_MS)).toThrow(/ago/);
  });
});

describe('the hash by which shares know each other', () => {
  const root = mkdtempSync(join(tmpdir(), 'shardstorm-hash-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const replay = { file: 'times.csv', timeColumn: 'at' };
  const scenario = (rows: string, times: string) => ({
    'scenario.json': JSON.stringify({
      version: 1,
      load: { phases: [{ name: 'again', duration: '1s', rate: { replay } }] },
      records: {
        partitionKey: { kind: 'uniform' },
        payload: { kind: 'file', file: 'rows.ndjson' },
      },
    }),
    'rows.ndjson': rows,
    'times.csv': times,
  });
  const hashIn = (folder: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(join(root, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text);
    return scenarioHash(loadScenario(join(root, folder, 'scenario.json')));
  };

  it('is of what is in the files of a scenario, not of where they are', () => {
    const here = hashIn('here', scenario('{"a":1}\n', 'at\n1\n'));
    expect(hashIn('there', scenario('{"a":1}\n', 'at\n1\n'))).toBe(here);
    expect(hashIn('here', scenario('{"a":2}\n', 'at\n1\n'))).not.toBe(here);
    expect(hashIn('here', scenario('{"a":1}\n', 'at\n2\n'))).not.toBe(here);
  });
});
