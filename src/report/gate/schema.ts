/** The shape of what `gate --json` prints, checked; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';
import { NIGHT_VERDICTS } from '../../results/history.ts';
import type { Confirmation, GateMetric, GateReport, SeriesReport } from './gate.ts';

const orNull = z.number().nullable();
const verdict = z.enum([...NIGHT_VERDICTS, 'invalid']);

const metric: z.ZodType<GateMetric> = z.object({
  path: z.string(),
  name: z.string(),
  better: z.enum(['higher', 'lower']),
  margin: z.number().min(0),
  value: orNull,
  level: orNull,
  change: orNull,
  state: z.enum(['steady', 'worse', 'better', 'too few nights', 'no data']),
  rule: z.enum(['change-point', 'recent-nights', 'spread']).nullable(),
  p: orNull,
  since: z.string().nullable(),
});

const confirmation: z.ZodType<Confirmation> = z.object({
  way: z.enum(['blocks', 'nights']),
  runs: z.int().min(0),
  baselineCommand: z.string().nullable(),
  folder: z.string(),
  problem: z.string().nullable(),
  metrics: z.array(
    z.object({
      path: z.string(),
      scale: z.enum(['ratio', 'difference']),
      estimate: z.number(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      confidence: z.number().min(0).max(1),
      isProven: z.boolean(),
    }),
  ),
});

const series: z.ZodType<SeriesReport> = z.object({
  name: z.string(),
  scenario: z.string(),
  runs: z.array(z.string()),
  startedAt: z.string(),
  verdict,
  sentence: z.string(),
  fingerprint: z.string(),
  nights: z.int().min(0),
  differences: z.array(z.object({ what: z.string(), was: z.string(), is: z.string() })),
  metrics: z.array(metric),
  confirmation: confirmation.nullable(),
  recorded: z.string().nullable(),
});

const gateSchema: z.ZodType<GateReport> = z.object({
  schema: z.literal('shardstorm.gate/1'),
  createdAt: z.iso.datetime(),
  history: z.string(),
  verdict,
  series: z.array(series),
  notes: z.array(z.string()),
});

/** The JSON Schema (draft 2020-12) of a gate's verdict. */
export function gateJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/gate.schema.json',
    title: 'Shardstorm gate: what a night says against the nights before',
    ...z.toJSONSchema(gateSchema, { io: 'input' }),
  };
}
