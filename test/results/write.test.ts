/** Files under faults of the disk: injected ones, and a real full disk where root may mount one. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ShardstormError } from '../../src/core/errors.ts';
import { writeWholeFile } from '../../src/results/write.ts';

/** Calls of the file system that fail next, by name. */
const failing = vi.hoisted(() => ({ call: '', code: '' }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const broken = (name: 'openSync' | 'writeSync' | 'fsyncSync' | 'renameSync') =>
    ((...args: never[]) => {
      if (failing.call === name) {
        throw Object.assign(new Error(`${failing.code}: made up`), { code: failing.code });
      }
      return (real[name] as (...values: never[]) => unknown)(...args);
    }) as never;
  return {
    ...real,
    openSync: broken('openSync'),
    writeSync: broken('writeSync'),
    fsyncSync: broken('fsyncSync'),
    renameSync: broken('renameSync'),
  };
});

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'write-'));
});
afterEach(() => {
  failing.call = '';
  fs.rmSync(folder, { recursive: true });
});

function errorOf(write: () => void): ShardstormError {
  try {
    write();
  } catch (thrown) {
    if (thrown instanceof ShardstormError) return thrown;
  }
  throw new Error('no error of ours');
}

describe('a file that is written whole', () => {
  it.each([
    ['openSync', 'EROFS', 'rights'],
    ['openSync', 'EACCES', 'rights'],
    ['writeSync', 'ENOSPC', 'Free space'],
    ['fsyncSync', 'EIO', 'folder'],
    ['renameSync', 'EPERM', 'rights'],
  ])('keeps what was there when %s fails with %s', (call, code, hint) => {
    const path = join(folder, 'night.json');
    writeWholeFile(path, 'old', 'the night');
    failing.call = call;
    failing.code = code;
    const error = errorOf(() => writeWholeFile(path, 'new', 'the night'));
    failing.call = '';
    expect(error.code).toBe('SHARDSTORM_RESULTS_UNWRITABLE');
    expect(error.message).toContain(`cannot write the night ${path}: `);
    expect(error.hint).toContain(hint);
    expect(fs.readFileSync(path, 'utf8')).toBe('old');
    expect(fs.readdirSync(folder)).toEqual(['night.json']);
  });

  it('says so where a part of the path is a file', () => {
    fs.writeFileSync(join(folder, 'file'), '');
    const error = errorOf(() => writeWholeFile(join(folder, 'file', 'x'), 'new', 'the night'));
    expect(error.code).toBe('SHARDSTORM_RESULTS_UNWRITABLE');
  });

  it('keeps what was there on a disk that is really full', ({ skip }) => {
    const disk = join(folder, 'disk');
    fs.mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return skip('no right to mount a small disk: only the injected fault was tried');
    }
    try {
      const path = join(disk, 'night.json');
      writeWholeFile(path, 'old', 'the night');
      const error = errorOf(() => writeWholeFile(path, 'x'.repeat(200_000), 'the night'));
      expect(error.message).toContain('ENOSPC');
      expect(fs.readFileSync(path, 'utf8')).toBe('old');
      expect(fs.readdirSync(disk)).toEqual(['night.json']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
