import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  environmentJsonSchema,
  eventJsonSchema,
  summaryJsonSchema,
  timelineJsonSchema,
} from '../../src/results/schema.ts';
import { pretend } from './builders.ts';

describe('JSON Schemas of the result files', () => {
  it.each([
    ['summary', summaryJsonSchema()],
    ['timeline', timelineJsonSchema()],
    ['event', eventJsonSchema()],
    ['environment', environmentJsonSchema()],
  ])('%s names its version and forbids no further field', (name, schema) => {
    expect(schema).toMatchObject({
      $id: `https://unpkg.com/shardstorm/schema/${name}.schema.json`,
      properties: { schema: { const: `shardstorm.${name}/1` } },
      required: expect.arrayContaining(['schema']),
    });
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
  });

  it('accept a summary, and reject one without its user records', () => {
    const check = z.fromJSONSchema(summaryJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    const { summary } = pretend({ phaseSeconds: [1, 20] });
    const whole: Record<string, unknown> = JSON.parse(JSON.stringify(summary));
    expect(check.safeParse(whole).success).toBe(true);
    const { userRecords: _, ...rest } = whole;
    expect(check.safeParse(rest).success).toBe(false);
  });
});
