import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packFrame } from '../../src/measure/codec.ts';
import { COUNTER_INDEX } from '../../src/measure/frame.ts';
import { FrameSpool, readFrames, shareBytesMax } from '../../src/results/frames-file.ts';
import { FakeWorker } from '../measure/builders.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardstorm-frames-'));
  path = join(folder, 'frames.bin');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OFFERED = COUNTER_INDEX['userRecords.offered'];

function write(seconds: number, bytesMax: number): string {
  const worker = new FakeWorker(0, [3_600_000_000]);
  const spool = new FrameSpool(path, bytesMax);
  for (let second = 1; second <= seconds; second++) {
    worker.recorder.add(0, OFFERED, second);
    worker.recorder.latency(0, 'response').record(1000 + second);
    spool.add(packFrame(worker.frame(second * 1_000_000, {}, second === seconds)));
  }
  return spool.finish();
}

describe('the frames of a share', () => {
  it('are read back as they were written', () => {
    write(5, shareBytesMax(1));
    const { spanUs, entries } = readFrames(path);
    expect(spanUs).toBe(1e6);
    expect(entries.map(({ endUs }) => endUs)).toEqual([1e6, 2e6, 3e6, 4e6, 5e6]);
    expect(entries.map(({ frame }) => frame().phases[0]?.counters[OFFERED])).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  it('are known by their digest: others, or some of them only, are not read', () => {
    const digest = write(5, shareBytesMax(1));
    expect(readFrames(path, digest).entries).toHaveLength(5);
    // Cut off between two frames: the file alone does not tell.
    writeFileSync(path, readFileSync(path).subarray(0, 8));
    expect(readFrames(path).entries).toEqual([]);
    expect(() => readFrames(path, digest)).toThrow(/not the one that the share wrote/);
    rmSync(path);
    expect(write(400, 20_000)).not.toBe(digest);
    expect(() => readFrames(path, digest)).toThrow(/not the one that the share wrote/);
  });

  it('are thinned to their bound while the run goes on, and lose no count', () => {
    write(400, 20_000);
    expect(statSync(path).size).toBeLessThanOrEqual(20_000);
    const frames = readFrames(path).entries.map(({ frame }) => frame());
    const offered = frames.reduce(
      (sum, { phases }) => sum + (phases[0]?.counters[OFFERED] ?? 0),
      0,
    );
    expect(offered).toBe((400 * 401) / 2);
    expect(frames.length).toBeGreaterThan(1);
    // All stretches are alike, the last ones too.
    const lengths = new Set(frames.slice(0, -1).map(({ startUs, endUs }) => endUs - startUs));
    expect(lengths.size).toBe(1);
  });

  it('that cannot be thinned to their bound are not rewritten for every frame', () => {
    const worker = new FakeWorker(0, [3_600_000_000]);
    const spool = new FrameSpool(path, 10);
    const sizes: number[] = [];
    for (let second = 1; second <= 100; second++) {
      worker.recorder.latency(0, 'response').record(1000 + second);
      spool.add(packFrame(worker.frame(second * 1_000_000)));
      sizes.push(statSync(path).size);
    }
    expect(sizes.filter((size, i) => size <= (sizes[i - 1] ?? 0))).toEqual([]);
    spool.finish();
    expect(readFrames(path).entries.length).toBe(1);
    expect(readFrames(path).spanUs).toBe(4096e6);
  });

  it('of a thousand shares fit into a quarter of a gigabyte', () => {
    expect(shareBytesMax(1000) * 1000).toBeLessThanOrEqual(2 ** 28);
    expect(shareBytesMax(2)).toBe(32 * 2 ** 20);
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
    ['of another format', (bytes: Buffer) => Buffer.concat([Buffer.from('x'), bytes])],
  ])('that are %s are refused with the name of the file', (_, spoil) => {
    write(3, shareBytesMax(1));
    writeFileSync(path, spoil(readFileSync(path)));
    expect(() => readFrames(path)).toThrow(/frames\.bin/);
  });
});
