import { expect, it } from 'vitest';
import { z } from 'zod';
import { sweepJsonSchema } from '../../../src/cli/sweep-file.ts';
import { analyse } from '../../../src/report/comparison/analyse.ts';
import { comparisonJsonSchema } from '../../../src/report/comparison/schema.ts';
import { madeUpRuns } from './made-up-runs.ts';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

it.each([
  ['comparison', comparisonJsonSchema()],
  ['sweep', sweepJsonSchema()],
])('the JSON Schema of a %s names its version and forbids no further field', (name, schema) => {
  expect(schema).toMatchObject({
    $id: `https://unpkg.com/shardstorm/schema/${name}.schema.json`,
    properties: { schema: { const: `shardstorm.${name}/1` } },
  });
  expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
});

it('the JSON Schema of a comparison accepts one, and rejects one without its effects', () => {
  const check = z.fromJSONSchema(comparisonJsonSchema() as JsonSchema);
  const comparison = analyse({
    title: 't',
    runs: madeUpRuns({ variants: [{ name: 'a' }, { name: 'b' }], blocks: 3, noise: 0.01 }),
    baseline: null,
    isForced: false,
    looks: 1,
    createdAt: '2026-11-23T15:00:00.000Z',
    seed: 1,
  });
  const whole: Record<string, unknown> = JSON.parse(JSON.stringify(comparison));
  expect(check.safeParse(whole).success).toBe(true);
  const { effects: _, ...rest } = whole;
  expect(check.safeParse(rest).success).toBe(false);
});
