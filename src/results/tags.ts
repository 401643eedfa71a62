/** Tags put on a result after its run: a file beside the others, because what was measured is never rewritten. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { redactedJson } from './redact.ts';
import { writeWholeFile } from './write.ts';

const TAGS_FILE = 'tags.json';

/** A result with this tag is never pruned. */
export const BASELINE_TAG = 'baseline';

const tagsSchema = z.object({
  schema: z.literal('shardstorm.tags/1'),
  /** null: the run's own tag of that name is taken away. */
  tags: z.record(z.string(), z.string().nullable()),
});

type Changes = Readonly<Record<string, string | null>>;

/** The run's tags with the changes made since. @throws SHARDSTORM_RESULTS_UNREADABLE */
export function tagsOf(
  folder: string,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const merged: Record<string, string | null> = { ...own, ...readChanges(folder) };
  return Object.fromEntries(
    Object.entries(merged).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
}

/** Changes tags of a result. @param changes null takes a tag away @throws SHARDSTORM_RESULTS_UNWRITABLE */
export function changeTags(folder: string, changes: Changes): void {
  const tags = { ...readChanges(folder), ...changes };
  const text = `${redactedJson({ schema: 'shardstorm.tags/1', tags }, 2)}\n`;
  writeWholeFile(join(folder, TAGS_FILE), text, 'the tags');
}

function readChanges(folder: string): Changes {
  const file = join(folder, TAGS_FILE);
  if (!existsSync(file)) return {};
  try {
    return tagsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).tags;
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNREADABLE',
      `cannot read the tags ${file}: ${describeCause(thrown)}`,
      { hint: 'The file is damaged: remove it, and tag the result anew.', cause: thrown },
    );
  }
}

/**
 * The JSON Schema (draft 2020-12) of tags.json.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function tagsJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/tags.schema.json',
    title: 'Shardstorm tags: put on a result after its run; null takes one of its own away',
    ...z.toJSONSchema(tagsSchema, { io: 'input' }),
  };
}
