import { z } from 'zod';
import { scenarioSchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of the scenario file, made from the schema that validates it. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/scenario.schema.json',
    title: 'Shardstorm scenario',
    ...z.toJSONSchema(scenarioSchema, { io: 'input' }),
  };
}
