import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PruneRule, planPrune, removeEntry } from '../../src/results/prune.ts';
import { readIndex } from '../../src/results/run-index.ts';
import { changeTags, tagsOf } from '../../src/results/tags.ts';
import { runOf } from '../report/gate/nights.ts';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'index-'));
});
afterEach(() => rmSync(out, { recursive: true }));

function addRun(day: number, parent = out): string {
  const summary = runOf(day, 100);
  const path = join(parent, summary.run.id);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'summary.json'), JSON.stringify(summary));
  return path;
}

const SWEEP = '20260105T020000Z-sweep-nightly-0000aa';
const kinds = () => readIndex(out).map(({ kind }) => kind);
const DAY_MS = 24 * 3_600_000;
const RULE: PruneRule = {
  keep: 0,
  olderThanMs: null,
  nowMs: Date.UTC(2027, 0, 1),
  historyIds: new Set(),
};
const going = (rule: Partial<PruneRule>) =>
  planPrune(readIndex(out), { ...RULE, ...rule })
    .filter(({ keptBecause }) => keptBecause === null)
    .map(({ entry }) => entry.name.slice(0, 8));

describe('the index of results', () => {
  it('lists runs, newest first, and the runs of a sweep as one entry', () => {
    addRun(1);
    addRun(9);
    addRun(5, join(out, SWEEP));
    addRun(6, join(out, SWEEP));
    writeFileSync(join(out, SWEEP, 'sweep.json'), '{}');
    expect(readIndex(out).map(({ name, runs }) => `${name.slice(6, 8)}:${runs.length}`)).toEqual([
      '09:1',
      '05:2',
      '01:1',
    ]);
  });

  it('leaves out what is none of ours', () => {
    mkdirSync(join(out, 'notes'));
    writeFileSync(join(out, 'README.md'), 'x');
    expect(readIndex(out)).toEqual([]);
  });

  it('shows what is damaged or unfinished, and why', () => {
    truncateSync(join(addRun(1), 'summary.json'), 500);
    mkdirSync(join(out, '20260102T020000Z-nightly-0000bb'));
    mkdirSync(join(out, '.20260103T020000Z-nightly-0000cc.partial'));
    expect(kinds().sort()).toEqual(['damaged', 'damaged', 'unfinished']);
    expect(
      readIndex(out)
        .flatMap(({ problems }) => problems)
        .join(),
    ).toMatch(/not JSON.*no summary|no summary.*not JSON/);
  });

  it('shows tags that were put on later, without a change to what was measured', () => {
    const path = addRun(1);
    changeTags(path, { branch: 'main', scratch: 'yes' });
    changeTags(path, { scratch: null });
    expect(readIndex(out)[0]?.runs[0]?.tags).toMatchObject({ branch: 'main' });
    expect(tagsOf(path, { scratch: 'own' })).toEqual({ branch: 'main' });
  });
});

describe('pruning', () => {
  it('goes by count, by age, or by both', () => {
    for (const day of [1, 2, 3, 4]) addRun(day);
    expect(going({ keep: 2 })).toEqual(['20260102', '20260101']);
    const nowMs = Date.UTC(2026, 0, 5, 2);
    expect(going({ keep: null, olderThanMs: 2.5 * DAY_MS, nowMs })).toEqual([
      '20260102',
      '20260101',
    ]);
    expect(going({ keep: 3, olderThanMs: 2.5 * DAY_MS, nowMs })).toEqual(['20260101']);
  });

  it('never takes a baseline, a night of a history, or a sweep with one of them in it', () => {
    changeTags(addRun(1), { baseline: 'true' });
    addRun(2);
    changeTags(addRun(5, join(out, SWEEP)), { baseline: 'v1' });
    addRun(6, join(out, SWEEP));
    changeTags(addRun(7), { baseline: 'false' });
    expect(going({ historyIds: new Set([runOf(2, 1).run.id]) })).toEqual(['20260107']);
  });

  it('never takes what may be a baseline and is damaged', () => {
    const tagged = addRun(1);
    changeTags(tagged, { baseline: 'true' });
    truncateSync(join(tagged, 'summary.json'), 500);
    truncateSync(join(tagged, 'tags.json'), 20);
    const own = addRun(2);
    writeFileSync(join(own, 'scenario.yaml'), 'tags: { baseline: v1 }');
    truncateSync(join(own, 'summary.json'), 500);
    const inSweep = addRun(3, join(out, SWEEP));
    changeTags(inSweep, { baseline: 'true' });
    truncateSync(join(inSweep, 'summary.json'), 500);
    truncateSync(join(addRun(4), 'summary.json'), 500);
    const emptied = addRun(6);
    changeTags(emptied, { baseline: 'true' });
    rmSync(join(emptied, 'summary.json'));
    expect(going({})).toEqual(['20260104']);
  });

  it('leaves an unfinished run alone for a day', () => {
    const path = join(out, '.20260103T020000Z-nightly-0000cc.partial');
    mkdirSync(path);
    const changed = new Date(Date.UTC(2026, 0, 3));
    utimesSync(path, changed, changed);
    expect(going({ nowMs: changed.getTime() + DAY_MS / 2 })).toEqual([]);
    expect(going({ nowMs: changed.getTime() + 2 * DAY_MS })).toHaveLength(1);
  });

  it('removes the whole folder and nothing beside it', () => {
    const path = addRun(1);
    cpSync(path, join(out, 'copy'), { recursive: true });
    const [entry] = readIndex(out).filter(({ name }) => name !== 'copy');
    if (entry !== undefined) removeEntry(entry);
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(out)).toEqual(['copy']);
  });
});
