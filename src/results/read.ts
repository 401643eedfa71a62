import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { RESULT_FILES } from './folder.ts';
import { migrateSummary } from './migrate.ts';
import {
  type EventRow,
  environmentSchema,
  eventRowSchema,
  summarySchema,
  timelineRowSchema,
} from './schema.ts';
import { type ShareFile, shareFileSchema } from './share-file.ts';
import type { Summary } from './summary.ts';
import type { TimelineRow } from './timeline.ts';

/** A result folder as reports need it. */
export interface StoredResult {
  readonly path: string;
  readonly summary: Summary;
  readonly timeline: readonly TimelineRow[];
  readonly events: readonly EventRow[];
  readonly environment: Environment;
  /** The scenario with every default resolved. */
  readonly scenarioYaml: string;
}

/**
 * Reads a whole result folder.
 * @param place the folder, or its summary.json
 * @throws SHARDSTORM_RESULTS_UNREADABLE naming the file, the line and what is wrong
 */
export function readResult(place: string): StoredResult {
  const path = resultFolder(place);
  return {
    path,
    summary: readSummary(path),
    timeline: readLines(join(path, RESULT_FILES.timeline), timelineRowSchema),
    events: readLines(join(path, RESULT_FILES.events), eventRowSchema),
    environment: readJson(join(path, RESULT_FILES.environment), environmentSchema),
    scenarioYaml: readText(join(path, RESULT_FILES.scenario)),
  };
}

/** Reads summary.json alone. @throws SHARDSTORM_RESULTS_UNREADABLE */
export function readSummary(place: string): Summary {
  return readJson(join(resultFolder(place), RESULT_FILES.summary), summarySchema, migrateSummary);
}

/** What a share of a larger run says of itself. @throws SHARDSTORM_RESULTS_UNREADABLE, also for a run that is whole */
export function readShare(place: string): ShareFile {
  const path = resultFolder(place);
  if (!existsSync(join(path, RESULT_FILES.share))) {
    throw unreadable(
      path,
      `it has no ${RESULT_FILES.share}, so it is no share of a run`,
      'Shares are made with run --share k/N.',
    );
  }
  return readJson(join(path, RESULT_FILES.share), shareFileSchema);
}

/** Where and from what a run was made. @throws SHARDSTORM_RESULTS_UNREADABLE */
export function readEnvironment(place: string): Environment {
  return readJson(join(resultFolder(place), RESULT_FILES.environment), environmentSchema);
}

/** The folder that a place names. @throws SHARDSTORM_RESULTS_UNREADABLE */
function resultFolder(place: string): string {
  const path = resolve(place);
  if (!existsSync(path)) {
    throw unreadable(path, 'there is no such file or folder', 'Name a folder in results/.');
  }
  if (basename(path).startsWith('.') && path.endsWith('.partial')) {
    throw unreadable(
      path,
      'the run never finished writing it',
      'It holds what was streamed (timeline.jsonl, latency.hlog, events.jsonl) but no summary.',
    );
  }
  if (statSync(path).isDirectory()) return path;
  if (basename(path) === RESULT_FILES.summary) return dirname(path);
  throw unreadable(path, 'it is neither a result folder nor a summary.json', 'Name the folder.');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw unreadable(path, describeCause(thrown), 'Is this a result folder? Is it whole?', thrown);
  }
}

/**
 * A JSON file, its shape checked.
 * @param migrate brings files of earlier versions to the present form
 * @throws SHARDSTORM_RESULTS_UNREADABLE
 */
export function readJson<T>(
  path: string,
  schema: z.ZodType<T>,
  migrate: (file: unknown) => unknown = (file) => file,
): T {
  return parse(readText(path), schema, path, '', migrate);
}

function readLines<T>(path: string, schema: z.ZodType<T>): T[] {
  const lines = readText(path).split('\n');
  // A whole file ends with a line end; what stands behind it was cut off.
  const rest = lines.pop();
  if (rest !== '') {
    const place = `line ${lines.length + 1} is cut off`;
    throw unreadable(path, place, 'The file is damaged: remove its last line, or run again.');
  }
  return lines.map((line, i) => parse(line, schema, path, `line ${i + 1}: `));
}

function parse<T>(
  text: string,
  schema: z.ZodType<T>,
  path: string,
  place: string,
  migrate: (file: unknown) => unknown = (file) => file,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    const problem = `${place}not JSON: ${describeCause(thrown)}`;
    throw unreadable(path, problem, 'The file is damaged or was cut off: run again.', thrown);
  }
  const parsed = schema.safeParse(migrated(value, migrate, path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue === undefined ? '' : issue.path.join('.');
  const problem = `${place}${field === '' ? '' : `${field}: `}${issue?.message ?? 'wrong shape'}`;
  throw unreadable(
    path,
    problem,
    'It was written by another version, or changed since: run again.',
  );
}

/** Says which file it is that a migration cannot do. */
function migrated(value: unknown, migrate: (file: unknown) => unknown, path: string): unknown {
  try {
    return migrate(value);
  } catch (thrown) {
    if (!(thrown instanceof ShardstormError)) throw thrown;
    throw unreadable(path, thrown.message, thrown.hint, thrown);
  }
}

function unreadable(path: string, problem: string, hint: string, cause?: unknown): ShardstormError {
  const message = `cannot read the result ${path}: ${problem}`;
  return new ShardstormError('SHARDSTORM_RESULTS_UNREADABLE', message, { hint, cause });
}
