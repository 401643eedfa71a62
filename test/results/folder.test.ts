import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShardstormError } from '../../src/core/errors.ts';
import { collectEnvironment } from '../../src/results/environment.ts';
import { ResultFolder } from '../../src/results/folder.ts';
import { readResult, readSummary } from '../../src/results/read.ts';
import { makeRunId } from '../../src/results/run-id.ts';
import { changeTags } from '../../src/results/tags.ts';
import { timelineRows } from '../../src/results/timeline.ts';
import { pretend } from './builders.ts';

const RUN_ID = '20260102T030405Z-clickstream-0000ff';
const ORIGIN_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const ACCOUNT = '123456789012';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'shardstorm-results-'));
});
afterEach(() => {
  rmSync(out, { recursive: true, force: true });
});

function open(place = out): ResultFolder {
  const folder = new ResultFolder({ out: place, runId: RUN_ID });
  folder.begin(ORIGIN_MS);
  return folder;
}

/** A whole run, written as the coordinator does. */
function writeRun(folder = open()): string {
  const phases = [
    { name: 'warm-up', isMeasured: false },
    { name: 'hold', isMeasured: true },
  ];
  const { summary, input } = pretend({
    onInterval: (interval) => folder.interval(interval, timelineRows(interval, phases)),
    input: { invalidReasons: [`arn:aws:kinesis:eu-west-1:${ACCOUNT}:stream/x is gone`] },
  });
  const message = `Rate exceeded under account ${ACCOUNT}.`;
  folder.event({ atUs: 1500, worker: 0, kind: 'throttle', message });
  return folder.finish({
    summary,
    scenarioYaml: `target: { stream: "arn:aws:kinesis:eu-west-1:${ACCOUNT}:stream/x" }\n`,
    environment: collectEnvironment({ seed: 42, workingDirectory: out }),
    reportHtml: `<html>arn:aws:kinesis:eu-west-1:${ACCOUNT}:stream/x</html>`,
    totals: input.merger.measured(),
    durationUs: 12e6,
    share: null,
  });
}

function failure(act: () => unknown): ShardstormError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof ShardstormError) return thrown;
    throw thrown;
  }
  throw new Error('it did not fail');
}

describe('ResultFolder', () => {
  it('is hidden until it is whole, then holds the files of the contract', () => {
    const folder = open();
    expect(readdirSync(out)).toEqual([`.${RUN_ID}.partial`]);
    const path = writeRun(folder);
    expect(path).toBe(join(out, RUN_ID));
    expect(readdirSync(out)).toEqual([RUN_ID]);
    expect(readdirSync(path).sort()).toEqual([
      'environment.json',
      'events.jsonl',
      'latency.hlog',
      'report.html',
      'scenario.yaml',
      'summary.json',
      'timeline.jsonl',
    ]);
  });

  it('is read back as it was written', () => {
    const { summary, timeline, events, environment, scenarioYaml } = readResult(writeRun());
    expect(summary).toMatchObject({ run: { id: RUN_ID }, userRecords: { offered: 1000 } });
    expect(timeline).toHaveLength(12);
    expect(timeline[2]).toMatchObject({
      schema: 'shardstorm.timeline/1',
      atMs: 2000,
      intervalMs: 1000,
      phase: 'hold',
      measured: true,
      userRecords: { offered: 100, acceptedPerSecond: 100 },
      response: { count: 100, mean: 5000, p99: 5000, max: 5000 },
      generator: { cpu: 0.25 },
    });
    expect(timeline[2]?.shards.map((shard) => shard.records)).toEqual([15, 5]);
    const offered = timeline.reduce((sum, row) => sum + row.userRecords.offered, 0);
    expect(offered).toBe(1200);
    expect(events).toMatchObject([{ atMs: 1.5, worker: 0, kind: 'throttle' }]);
    expect(environment).toMatchObject({ seed: 42, git: null });
    expect(scenarioYaml).toContain('stream/x');
  });

  it('logs histograms a second and in total', () => {
    const text = readFileSync(join(writeRun(), 'latency.hlog'), 'utf8');
    expect(listTags(text)).toContain('total.response');
    const reader = new HistogramLogReader(text, 64);
    const counts: Record<string, number> = {};
    for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
      counts[next.tag] = (counts[next.tag] ?? 0) + next.totalCount;
    }
    expect(counts).toMatchObject({
      response: 1000,
      'unmeasured.response': 200,
      'total.response': 1000,
      'total.request': 100,
    });
  });

  it('has no account id in any file', () => {
    const path = writeRun();
    for (const name of readdirSync(path)) {
      expect([name, readFileSync(join(path, name), 'utf8').includes(ACCOUNT)]).toEqual([
        name,
        false,
      ]);
    }
  });

  it('says before the run that a place cannot be written to', () => {
    writeFileSync(join(out, 'file'), '');
    const error = failure(() => open(join(out, 'file', 'results')));
    expect(error.code).toBe('SHARDSTORM_RESULTS_UNWRITABLE');
    expect(error.message).toContain(join(out, 'file', 'results'));
    expect(error.hint).toContain('--out');
  });

  it.skipIf(process.getuid?.() === 0)('says that a folder is read-only', () => {
    const place = join(out, 'locked');
    mkdirSync(place);
    chmodSync(place, 0o500);
    expect(failure(() => open(place)).message).toContain('EACCES');
  });

  it.skipIf(!existsSync('/dev/full'))(
    'is whole without the page where only that has no room',
    () => {
      const folder = open();
      symlinkSync('/dev/full', join(out, `.${RUN_ID}.partial`, 'report.html'));
      const path = writeRun(folder);
      expect(readdirSync(out)).toEqual([RUN_ID]);
      expect(readdirSync(path)).not.toContain('report.html');
      expect(readResult(path).summary.run.id).toBe(RUN_ID);
      expect(folder.failure).toBeNull();
      expect(folder.pageFailure?.message).toContain('report.html could not be written: ENOSPC');
      expect(folder.pageFailure?.hint).toContain(`shardstorm report ${path}`);
    },
  );

  it('has a page when nothing was in the way', () => {
    const folder = open();
    writeRun(folder);
    expect(folder.pageFailure).toBeNull();
  });

  it.skipIf(!existsSync('/dev/full'))('tells of a full disk at the end, naming the remedy', () => {
    const folder = open();
    const partial = join(out, `.${RUN_ID}.partial`);
    symlinkSync('/dev/full', join(partial, 'summary.json'));
    const error = failure(() => writeRun(folder));
    expect(error.code).toBe('SHARDSTORM_RESULTS_INCOMPLETE');
    expect(error.message).toContain('ENOSPC');
    expect(error.message).toContain(partial);
    expect(error.hint).toContain('Free space');
    expect(error.hint).toContain('the summary was printed and is not stored.');
    expect(readdirSync(out)).toEqual([`.${RUN_ID}.partial`]);
    expect(folder.failure).toBe(error);
  });

  it('tells that the summary is whole where only the name is taken', () => {
    const folder = open();
    mkdirSync(join(out, RUN_ID));
    writeFileSync(join(out, RUN_ID, 'notes.md'), 'mine');
    const { hint } = failure(() => writeRun(folder));
    expect(hint).toContain('the summary was printed, and summary.json there is whole.');
    const partial = join(out, `.${RUN_ID}.partial`);
    expect(readSummary(join(partial, 'summary.json')).run.id).toBe(RUN_ID);
  });

  it('is replaced by the same run where that is wanted, but not what was put beside it', () => {
    const again = () => {
      const folder = new ResultFolder({ out, runId: RUN_ID, replaces: true });
      folder.begin(ORIGIN_MS);
      return folder;
    };
    const path = writeRun();
    expect(writeRun(again())).toBe(path);
    changeTags(path, { baseline: '' });
    const tagged = failure(again);
    expect(tagged.code).toBe('SHARDSTORM_RESULTS_UNWRITABLE');
    expect(tagged.message).toContain('tags.json');
    expect(tagged.hint).toContain('--out');
    rmSync(join(path, 'tags.json'));
    const under = again();
    writeFileSync(join(path, 'notes.md'), 'mine');
    expect(failure(() => writeRun(under)).message).toContain('notes.md');
    expect(readFileSync(join(path, 'notes.md'), 'utf8')).toBe('mine');
    expect(readSummary(path).run.id).toBe(RUN_ID);
  });

  it('never overwrites another result', () => {
    writeRun();
    const error = failure(() => open());
    expect(error.code).toBe('SHARDSTORM_RESULTS_UNWRITABLE');
    expect(error.hint).toContain('Remove what is there');
    expect(readdirSync(out)).toEqual([RUN_ID]);
    expect(readSummary(join(out, RUN_ID)).run.id).toBe(RUN_ID);
  });

  it('leaves nothing behind when it is discarded', () => {
    open().discard();
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('readResult', () => {
  const message = (place: string) => {
    const error = failure(() => readResult(place));
    expect(error.code).toBe('SHARDSTORM_RESULTS_UNREADABLE');
    expect(error.hint).not.toBe('');
    return error.message;
  };

  it('takes summary.json for its folder', () => {
    const path = writeRun();
    expect(readResult(join(path, 'summary.json')).path).toBe(path);
  });

  it('names what is missing', () => {
    expect(message(join(out, 'nowhere'))).toContain('no such file or folder');
    expect(message(out)).toContain('summary.json');
    const path = writeRun();
    expect(message(join(path, 'report.html'))).toContain('neither a result folder nor');
    rmSync(join(path, 'timeline.jsonl'));
    expect(message(path)).toContain('timeline.jsonl');
  });

  it('tells a run that never finished', () => {
    open();
    expect(message(join(out, `.${RUN_ID}.partial`))).toContain('never finished');
  });

  it('names the line at which a file was cut off', () => {
    const path = writeRun();
    const timeline = join(path, 'timeline.jsonl');
    truncateSync(timeline, readFileSync(timeline).length - 20);
    expect(message(path)).toContain('line 12 is cut off');
  });

  it('names the field that is wrong', () => {
    const path = writeRun();
    const place = join(path, 'summary.json');
    const text = readFileSync(place, 'utf8');
    writeFileSync(place, text.replace('"offered": 1000', '"offered": "many"'));
    expect(message(path)).toMatch(/summary\.json: userRecords\.offered: /);
    writeFileSync(place, text.slice(0, 500));
    expect(message(path)).toContain('not JSON');
    writeFileSync(place, text.replace('summary/1', 'summary/9'));
    expect(message(path)).toContain('schema');
  });

  it('accepts fields that a later version adds', () => {
    const path = writeRun();
    const place = join(path, 'summary.json');
    writeFileSync(place, readFileSync(place, 'utf8').replace('{', '{ "later": 1,'));
    expect(readResult(path).summary.run.id).toBe(RUN_ID);
  });
});

describe('makeRunId', () => {
  it('sorts by time and is a safe folder name', () => {
    expect(makeRunId(ORIGIN_MS, 'Click Stream / "7"', 0x1_0000ab)).toBe(
      '20260102T030405Z-click-stream-7-0000ab',
    );
    expect(makeRunId(ORIGIN_MS, '../..', 0)).toBe('20260102T030405Z-run-000000');
    expect(makeRunId(ORIGIN_MS, 'x'.repeat(300), -1)).toHaveLength(16 + 1 + 60 + 1 + 6);
  });
});
