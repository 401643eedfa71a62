/** The shape of what `list --json` prints; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';

const listSchema = z.object({
  schema: z.literal('shardstorm.list/1'),
  /** Newest first. */
  runs: z.array(
    z.object({
      id: z.string(),
      path: z.string(),
      /** Folder of the sweep, gate or search that it is of; null: a run by itself. */
      group: z.string().nullable(),
      name: z.string(),
      scenario: z.string(),
      startedAt: z.string(),
      durationMs: z.number(),
      target: z.string(),
      status: z.enum(['completed', 'interrupted', 'failed']),
      verdict: z.enum(['valid', 'suspect', 'invalid']),
      thresholdsHeld: z.boolean(),
      tags: z.record(z.string(), z.string()),
      /** By path in summary.json; null: it has none. */
      figures: z.record(z.string(), z.number().nullable()),
    }),
  ),
  /** What is no readable run, and why. */
  others: z.array(
    z.object({
      path: z.string(),
      /** `group`: of its runs some cannot be read. */
      kind: z.enum(['group', 'comparison', 'unfinished', 'damaged']),
      problems: z.array(z.string()).readonly(),
    }),
  ),
});

export type ListDocument = z.output<typeof listSchema>;

/**
 * The JSON Schema (draft 2020-12) of a list.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function listJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/list.schema.json',
    title: 'Shardstorm list: what lies in a folder of results',
    ...z.toJSONSchema(listSchema, { io: 'input' }),
  };
}
