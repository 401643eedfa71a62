/** Shares that are damaged, late, cut short, strained or impossible together: what `merge` makes of them. */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Arguments, CommandIo } from '../../src/cli/command.ts';
import { mergeResults } from '../../src/cli/merge-action.ts';
import { runScenario } from '../../src/cli/run-action.ts';
import { packFrame } from '../../src/measure/codec.ts';
import type { Frame } from '../../src/measure/frame.ts';
import { FrameSpool, readFrames } from '../../src/results/frames-file.ts';
import { counterOf } from '../../src/results/measures.ts';
import type { ShareFile } from '../../src/results/share-file.ts';
import type { Summary } from '../../src/results/summary.ts';
import { ledgerGap, OutFolder, QUICKSTART, run } from '../system/program.ts';

const COUNT = 3;
const LOAD = ['target.simulator.latency={fixed: 5ms}', 'load.producers=6'];

/** A command in this process. @returns its exit code and what it printed */
async function command(act: (args: Arguments, io: CommandIo) => Promise<number>, args: Arguments) {
  let stdout = '';
  const io: CommandIo = {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: () => undefined },
    environment: {},
  };
  return { code: await act(args, io), stdout };
}

async function makeShares(out: string, settings: readonly string[]): Promise<void> {
  for (let k = 0; k < COUNT; k++) {
    await command(runScenario, {
      ...{ scenario: QUICKSTART, virtual: true, quiet: true, out, share: `${k}/${COUNT}` },
      ...{ set: [...LOAD, ...settings], duration: '3s' },
    });
  }
}

let made: OutFolder;
let shares: OutFolder;
beforeAll(async () => {
  made = new OutFolder();
  await makeShares(made.path, []);
});
afterAll(() => made.remove());
beforeEach(() => {
  shares = new OutFolder();
  cpSync(made.path, shares.path, { recursive: true });
});
afterEach(() => shares.remove());

function shareOf(folder: string): ShareFile {
  return JSON.parse(readFileSync(join(folder, 'share.json'), 'utf8'));
}

/** Folder of a share. */
function folderOf(index: number): string {
  const folders = readdirSync(shares.path).map((name) => join(shares.path, name));
  const found = folders.find((folder) => shareOf(folder).index === index);
  if (found === undefined) throw new Error(`no share ${index}`);
  return found;
}

function change(index: number, changes: Partial<ShareFile>): void {
  const folder = folderOf(index);
  const file = { ...shareOf(folder), ...changes };
  writeFileSync(join(folder, 'share.json'), JSON.stringify(file));
}

/** A share whose frames end early, as that of a program that broke off; it counts what they hold. */
function cut(index: number, kept: (frame: Frame) => boolean, changes: Partial<ShareFile>): void {
  const path = join(folderOf(index), 'frames.bin');
  const frames = readFrames(path).entries.map(({ frame }) => frame());
  rmSync(path);
  const spool = new FrameSpool(path, 1e9);
  let offered = 0;
  let accepted = 0;
  for (const frame of frames.filter(kept)) {
    spool.add(packFrame(frame));
    for (const { phase, counters } of frame.phases) {
      if (phase === 0) continue;
      offered += counterOf(counters, 'userRecords.offered');
      accepted += counterOf(counters, 'userRecords.accepted');
    }
  }
  change(index, { ...changes, offered, accepted, framesSha256: spool.finish() });
}

/** The merged summary, and the exit code of `merge`. */
async function merged(args: Arguments = {}): Promise<{ code: number; summary: Summary }> {
  const out = new OutFolder();
  try {
    const words = { result: [shares.path], out: out.path, json: true, ...args };
    const { code, stdout } = await command(mergeResults, words);
    return { code, summary: JSON.parse(stdout).summary };
  } finally {
    out.remove();
  }
}

describe('frames', () => {
  it('that were emptied, or are of another share, are refused', async () => {
    const path = join(folderOf(1), 'frames.bin');
    writeFileSync(path, readFileSync(path).subarray(0, 4));
    await expect(merged()).rejects.toThrow(/frames\.bin: it is damaged, or not the one/);
    cpSync(join(folderOf(2), 'frames.bin'), path);
    await expect(merged()).rejects.toThrow(/frames\.bin: it is damaged, or not the one/);
  });

  it('that do not hold what their share counted are refused, and the share is named', async () => {
    const { accepted, runId } = shareOf(folderOf(1));
    change(1, { accepted: accepted + 1 });
    const words = `The frames of share 1 (${runId}) hold`;
    await expect(merged()).rejects.toThrow(words);
    const { code, summary } = await merged({ force: true });
    expect(code).toBe(4);
    expect(summary.invalidReasons[0]).toContain(words);
  });
});

describe('a share that cannot be read', () => {
  it('is left out with --force, and told of', async () => {
    rmSync(join(folderOf(2), 'frames.bin'));
    writeFileSync(join(folderOf(1), 'share.json.old'), '');
    await expect(merged()).rejects.toThrow(/frames\.bin/);
    const { code, summary } = await merged({ force: true });
    expect(code).toBe(4);
    expect(summary.run.members?.map(({ index }) => index)).toEqual([0, 1]);
    expect(summary.invalidReasons[0]).toBe('Of 3 shares 1 is missing: 2.');
    expect(summary.invalidReasons[1]).toMatch(/frames\.bin: ENOENT/);
  });

  it('is all there is: nothing is merged', async () => {
    for (const index of [0, 1, 2]) rmSync(join(folderOf(index), 'frames.bin'));
    await expect(merged({ force: true })).rejects.toThrow(/frames\.bin/);
  });

  it('of a member that was killed is missing: what it left has no end', async () => {
    const partial = join(shares.path, '.killed.partial');
    renameSync(folderOf(2), partial);
    const { summary } = await merged({ force: true });
    expect(summary.invalidReasons).toEqual(['Of 3 shares 1 is missing: 2.']);
    const named = { force: true, result: [shares.path, partial] };
    expect((await merged(named)).summary.invalidReasons[1]).toContain('never finished writing it');
  });
});

describe('shares that ended in different ways', () => {
  it('are one run that ended as the worst of them, and whose books are closed', async () => {
    const startAt = '2026-11-23T18:00:00.000Z';
    const clock = { source: 'ntp://a', offsetUs: -500, errorUs: 10, driftUs: 20_000 };
    change(0, { startAt, startedLateUs: 2e6, clock, warnings: ['The clock gained 20.0ms.'] });
    change(1, { startAt, status: 'interrupted', stoppedUs: 2e6 });
    const dropsLast = (frame: Frame) => !frame.isLast;
    cut(2, dropsLast, { startAt, status: 'failed', invalidReasons: ['worker 0 died'] });
    const { code, summary } = await merged();
    expect(code).toBe(4);
    expect(summary).toMatchObject({ status: 'failed', valid: false, verdict: 'invalid' });
    expect(summary.invalidReasons).toEqual([
      'Share 0 began 2.00s after the common start.',
      'Share 1 was interrupted after 2.00s: its part of the load is not whole.',
      'Share 2: worker 0 died',
    ]);
    expect(summary.warnings).toContain('Share 0: The clock gained 20.0ms.');
    expect(ledgerGap(summary)).toBe(0);
    expect(summary.userRecords.uncertain).toBeGreaterThan(0);
    // By a clock that is half a millisecond behind.
    expect(summary.run.startSkewUs).toBe(2e6 + 500);
    expect(summary.run.members?.map(({ status, valid }) => [status, valid])).toEqual([
      ['completed', true],
      ['interrupted', true],
      ['failed', false],
    ]);
    expect(summary.run.members?.[0]).toMatchObject({ clockOffsetUs: -500, clockDriftUs: 20_000 });
    expect(summary.run.members?.[1]).toMatchObject({ clockOffsetUs: null, clockDriftUs: null });
  });

  it('and were all stopped make a run as long as the last of them', async () => {
    for (const index of [0, 1, 2]) {
      change(index, { status: 'interrupted', stoppedUs: 4e6 + index * 250_000 });
    }
    const { summary } = await merged();
    expect(summary.status).toBe('interrupted');
    // The warm-up took the first three seconds.
    expect(summary.phases.map(({ durationMs }) => durationMs)).toEqual([3000, 1500]);
  });

  it('are suspect where one is: it is named, and --strict-client counts it', async () => {
    change(1, { verdict: 'suspect' });
    const { code, summary } = await merged();
    expect(code).toBe(0);
    expect(summary).toMatchObject({ valid: true, verdict: 'suspect' });
    expect(summary.warnings[0]).toMatch(/^Share 1 is suspect/);
    expect(summary.run.members?.[1]?.verdict).toBe('suspect');
    expect((await merged({ 'strict-client': true })).code).toBe(4);
  });
});

describe('shares in virtual time', () => {
  it('that together do what no stream can are invalid, and say why', async () => {
    const hot = new OutFolder();
    const settings = ['target.simulator.shards=1', 'producer.aggregation.enabled=false'];
    await makeShares(hot.path, [...settings, 'load.phases.hold.rate=2700/s']);
    const { code, summary } = await merged({ result: [hot.path] });
    hot.remove();
    expect(code).toBe(4);
    expect(summary.invalidReasons).toEqual([
      expect.stringMatching(/more to 1 of 1 shards than a shard takes .*, 2\.\d times its limit/),
    ]);
  });
});

describe('a disk without room', () => {
  it('costs no figures: the summary is printed, what could be written stays', async () => {
    const out = new OutFolder();
    const hooks = new OutFolder();
    const code = `
const fs = require('node:fs');
const { openSync, writeSync } = fs;
let full = -1;
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  if (String(path).includes('summary.json')) full = descriptor;
  return descriptor;
};
fs.writeSync = (descriptor, ...rest) => {
  if (descriptor !== full) return writeSync(descriptor, ...rest);
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};
require('node:module').syncBuiltinESMExports();
`;
    const hook = join(hooks.path, 'full-disk.cjs');
    writeFileSync(hook, code);
    const ended = await run(['merge', shares.path, '--out', out.path], {
      NODE_OPTIONS: `--require=${hook}`,
    });
    expect(ended.code).toBe(4);
    expect(ended.stdout).toContain('VALID');
    expect(ended.stderr).toContain('SHARDSTORM_RESULTS_INCOMPLETE');
    expect(ended.stderr).toMatch(/hint: Free space.*Then merge again: the summary was printed/);
    expect(out.entries).toEqual([expect.stringMatching(/^\..*\.partial$/)]);
    out.remove();
    hooks.remove();
  });
});

describe('a share on the wire', () => {
  it.each([
    [{}, /no common start/],
    [{ 'start-at': '1970-01-01T00:00:00Z' }, /ago, and the whole load takes/],
  ])('needs a start that all can keep: %j', async (start, message) => {
    const words = { scenario: QUICKSTART, target: 'null', share: '0/2', set: ['load.producers=2'] };
    const out = join(shares.path, 'none');
    mkdirSync(out);
    await expect(command(runScenario, { ...words, ...start, out, quiet: true })).rejects.toThrow(
      message,
    );
    expect(readdirSync(out)).toEqual([]);
  });
});
