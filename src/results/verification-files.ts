/**
 * What verifying reads from a result folder and writes into it. Invariant: a file is replaced whole or not at all, and the
 * figures of the run itself never change.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { ShardstormError } from '../core/errors.ts';
import { type Delivery, deliverySchema } from './delivery.ts';
import { RESULT_FILES } from './folder.ts';
import { readJson } from './read.ts';
import { redact, redactedJson } from './redact.ts';
import type { Summary } from './summary.ts';
import { type Verification, verificationSchema } from './verification.ts';
import { writeWholeFile } from './write.ts';

/** Where a reading that was stopped goes on; it goes when the reading is complete. */
const CHECKPOINT = 'verification.checkpoint';
/** Changes with the shape of a checkpoint: an older one is not used. */
const CHECKPOINT_VERSION = 1;

/** @throws SHARDSTORM_RESULTS_UNREADABLE, also for a run of a version that did not write it */
export function readDelivery(folder: string): Delivery {
  const path = join(folder, RESULT_FILES.delivery);
  if (existsSync(path)) return readJson(path, deliverySchema);
  throw new ShardstormError(
    'SHARDSTORM_RESULTS_UNREADABLE',
    `the result ${folder} has no ${RESULT_FILES.delivery}, so lost records cannot be told from refused ones`,
    { hint: 'It was written by an older version, or in virtual time: run again, then verify.' },
  );
}

/** null: the run was not verified. @throws SHARDSTORM_RESULTS_UNREADABLE */
export function readVerification(folder: string): Verification | null {
  const path = join(folder, RESULT_FILES.verification);
  return existsSync(path) ? readJson(path, verificationSchema) : null;
}

/** The state of a stopped reading, or null. A checkpoint that cannot be read is as good as none. */
export function readCheckpoint(folder: string): unknown {
  try {
    const packr = new Packr({ moreTypes: true, useRecords: false });
    const content = packr.unpack(readFileSync(join(folder, CHECKPOINT)));
    return content?.version === CHECKPOINT_VERSION ? content.state : null;
  } catch {
    return null;
  }
}

/** @throws SHARDSTORM_RESULTS_UNWRITABLE */
export function writeCheckpoint(folder: string, state: unknown): void {
  const packr = new Packr({ moreTypes: true, useRecords: false });
  const content = packr.pack({ version: CHECKPOINT_VERSION, state });
  writeWholeFile(join(folder, CHECKPOINT), content, 'the checkpoint');
}

/** @throws SHARDSTORM_RESULTS_UNWRITABLE */
export function removeCheckpoint(folder: string): void {
  rmSync(join(folder, CHECKPOINT), { force: true });
}

/** Adds what was found to a stored result. @throws SHARDSTORM_RESULTS_UNWRITABLE */
export function writeVerification(
  folder: string,
  verification: Verification,
  summary: Summary,
  reportHtml: string,
): void {
  const json = (value: unknown) => `${redactedJson(value, 2)}\n`;
  const write = (file: keyof typeof RESULT_FILES, text: string) =>
    writeWholeFile(join(folder, RESULT_FILES[file]), text, 'the result');
  write('verification', json(verification));
  write('report', redact(reportHtml));
  write('summary', json(summary));
}
