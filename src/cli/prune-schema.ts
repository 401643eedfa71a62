/** The shape of what `prune --json` prints; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';

const pruneSchema = z.object({
  schema: z.literal('shardstorm.prune/1'),
  /** Nothing was removed, only told. */
  isDryRun: z.boolean(),
  /** Newest first; those that no filter left out. */
  results: z.array(
    z.object({
      path: z.string(),
      /** null: it went, or would go. */
      keptBecause: z.string().nullable(),
    }),
  ),
});

export type PruneDocument = z.output<typeof pruneSchema>;

/**
 * The JSON Schema (draft 2020-12) of what was pruned.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function pruneJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/prune.schema.json',
    title: 'Shardstorm prune: which results went, and why others stay',
    ...z.toJSONSchema(pruneSchema, { io: 'input' }),
  };
}
