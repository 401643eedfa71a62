/** Files that are either whole or not there: what a reader, another job or a full disk can never see half of. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';

/**
 * Replaces a file as a whole. Two that do it at once leave one of both contents, whole.
 * @param what is written, for the message: `the night`
 * @throws SHARDSTORM_RESULTS_UNWRITABLE; what stood there before is then untouched
 */
export function writeWholeFile(path: string, text: string | Uint8Array, what: string): void {
  const folder = dirname(path);
  const random = randomBytes(4).toString('hex');
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${random}.partial`);
  try {
    makeFolder(folder);
    const descriptor = openSync(temporary, 'wx');
    try {
      writeWhole(descriptor, text);
      // Before the name: else a machine that dies may keep the name and lose the content.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (thrown) {
    forget(temporary);
    // Named by one of several flags, or by none.
    throw unwritable(what, path, thrown, '');
  }
}

/** Nothing more can be done about a file that cannot be removed; the error that led here is told. */
function forget(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is hidden by its name, and `prune` takes it away.
  }
}

/** Step by step: where a folder cannot be made at all, Node's own `recursive` may never return. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Another job may have been faster.
    if ((thrown as { readonly code?: unknown }).code !== 'EEXIST') throw thrown;
  }
}

/** `writeSync` may write a part only, for instance when the disk fills up. */
export function writeWhole(descriptor: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  let at = 0;
  while (at < bytes.length) at += writeSync(descriptor, bytes, at);
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space on that disk, or choose another place',
  EDQUOT: 'Free space within your quota, or choose another place',
  ENOTDIR: 'A part of that path is a file. Choose another place',
  EEXIST: 'Remove what is there, or choose another place',
  ENOTEMPTY: 'Remove what is there, or choose another place',
};

/** @param what cannot be written: `the result folder` */
export function unwritable(
  what: string,
  path: string,
  cause: unknown,
  how?: string,
): ShardstormError {
  const message = `cannot write ${what} ${path}: ${describeCause(cause)}`;
  return new ShardstormError('SHARDSTORM_RESULTS_UNWRITABLE', message, {
    hint: hintFor(cause, how),
    cause,
  });
}

/** What to do about a write that failed. @param how another place is chosen: ` with --out`, or any other way */
export function hintFor(cause: unknown, how = ' with --out'): string {
  const code = (cause as { readonly code?: unknown } | null)?.code;
  const hint = HINTS[String(code)] ?? 'Mend the rights of that folder, or choose another place';
  return `${hint}${how}.`;
}
