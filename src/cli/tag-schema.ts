/** The shape of what `tag --json` prints; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';

const taggedSchema = z.object({
  schema: z.literal('shardstorm.tagged/1'),
  /** In the order in which they were named. */
  results: z.array(
    z.object({
      id: z.string(),
      path: z.string(),
      /** All that the result has now, those of its run too. */
      tags: z.record(z.string(), z.string()),
    }),
  ),
});

export type TaggedDocument = z.output<typeof taggedSchema>;

/**
 * The JSON Schema (draft 2020-12) of what was tagged.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function taggedJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/tagged.schema.json',
    title: 'Shardstorm tag: results and the tags that they have now',
    ...z.toJSONSchema(taggedSchema, { io: 'input' }),
  };
}
