/**
 * The scenario file, contract "Scenario file". In: what the YAML or JSON holds. Out: the same sections with every quantity
 * converted (times in microseconds, sizes in bytes, percentages as fractions), no default filled in. Strict: a field that
 * is not here is an error.
 */
import { z } from 'zod';
import {
  duration,
  flag,
  fraction,
  integer,
  list,
  metricName,
  pattern,
  positive,
  SENTENCE,
  section,
  text,
} from './fields.ts';
import { loadSchema } from './schema-load.ts';
import { producerSchema } from './schema-producer.ts';
import { recordsSchema } from './schema-records.ts';
import { targetSchema } from './schema-target.ts';
import { verifySchema } from './schema-verify.ts';
import { parseThreshold, type ThresholdScope } from './thresholds.ts';

const EXPRESSION_PHRASE = 'an expression such as response.p99 < 250ms';
const WHOLE_RUN: ThresholdScope = { phase: null, shard: null };

const thresholdSchema = z.union(
  [
    text(EXPRESSION_PHRASE).transform((expression, context) => {
      const parsed = parseThreshold(expression, WHOLE_RUN);
      if (!('problem' in parsed))
        return { ...parsed, ...WHOLE_RUN, abortOnFail: false, delayUs: 0 };
      context.addIssue({ code: 'custom', message: SENTENCE + parsed.problem });
      return z.NEVER;
    }),
    section({
      expr: text(EXPRESSION_PHRASE),
      abortOnFail: flag().optional(),
      delay: duration({ min: 0 }).optional(),
      phase: text('the name of a phase').optional(),
      shard: text('the id of a shard such as shardId-000000000000').optional(),
    }).transform((form, context) => {
      const scope = { phase: form.phase ?? null, shard: form.shard ?? null };
      const parsed = parseThreshold(form.expr, scope);
      if (!('problem' in parsed)) {
        const { abortOnFail = false, delay: delayUs = 0 } = form;
        return { ...parsed, ...scope, abortOnFail, delayUs };
      }
      context.addIssue({ code: 'custom', message: SENTENCE + parsed.problem, path: ['expr'] });
      return z.NEVER;
    }),
  ],
  { error: `${EXPRESSION_PHRASE}, or { expr, abortOnFail, delay, phase, shard }` },
);

const anyValue = z.json({ error: 'a value of the scenario' });

export const scenarioSchema = section({
  version: z.literal(1, { error: '1, the version of the scenario format' }),
  name: pattern(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'a short name: 1 to 64 letters, digits, . _ -, the first a letter or digit',
  ).optional(),
  description: text('a sentence', 0, 4096).optional(),
  target: targetSchema.optional(),
  load: loadSchema,
  records: recordsSchema,
  producer: producerSchema.optional(),
  verify: verifySchema.optional(),
  thresholds: list(
    thresholdSchema,
    'a list of expressions such as response.p99 < 250ms',
  ).optional(),
  matrix: z
    .record(z.string(), list(anyValue, 'a list of at least one value', 1), {
      error: 'a section of field paths, each with a list of values',
    })
    .optional(),
  variants: z
    .record(
      z.string(),
      z.record(z.string(), anyValue, { error: 'a section of field paths, each with a value' }),
      { error: 'a section of names, each with field paths and values' },
    )
    .optional(),
  blocks: integer(1, 10_000).optional(),
  primary: list(metricName(), 'a list of metrics such as response.p99').optional(),
  margin: z
    .record(metricName(), fraction({ min: 0, words: ' of 0 or more' }), {
      error: 'a section of metrics, each with a percentage',
    })
    .optional(),
  cost: section({ maxUsd: positive(1e9, '5').optional() }).optional(),
  tags: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], { error: 'a text' }).transform(String),
      { error: 'a section of names, each with a text' },
    )
    .optional(),
});

export type ScenarioInput = z.output<typeof scenarioSchema>;
