import { z } from 'zod';
import { PARTITION_KEY_CHARACTERS_MAX, RECORD_BYTES_DEFAULT_MAX } from '../kinesis/limits.ts';
import {
  choice,
  flag,
  fraction,
  integer,
  list,
  ONE_OF,
  positive,
  section,
  size,
  text,
} from './fields.ts';

/** Keys a run can hold in memory, interned: about 100 bytes each. */
const CARDINALITY_MAX = 100_000_000;

const cardinality = integer(1, CARDINALITY_MAX).optional();
const prefix = text('a text before the number of the key', 0, PARTITION_KEY_CHARACTERS_MAX - 16);
const payloadSize = size({ min: 0, max: RECORD_BYTES_DEFAULT_MAX, words: ', at most 1MiB' });

/** A union over the field `kind`; `forms` is in the order in which the kinds are listed to people. */
function kinds<
  const T extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(names: string, forms: T) {
  return z.discriminatedUnion('kind', forms, {
    error: (issue) =>
      issue.code === 'invalid_union' ? ONE_OF + names : `a section with kind: ${names}`,
  });
}

const partitionKeySchema = kinds('uniform, zipf, hot, sequential, template, column', [
  section({ kind: z.literal('uniform'), cardinality, prefix: prefix.optional() }),
  section({
    kind: z.literal('zipf'),
    cardinality,
    exponent: positive(10, '1.07').optional(),
    prefix: prefix.optional(),
  }),
  section({
    kind: z.literal('hot'),
    share: fraction({ min: 0, max: 1, words: ' 0 to 100%' }),
    keys: integer(1, CARDINALITY_MAX).optional(),
    cardinality,
    prefix: prefix.optional(),
  }),
  section({ kind: z.literal('sequential'), cardinality, prefix: prefix.optional() }),
  section({
    kind: z.literal('template'),
    template: text('a text with generators such as user-{{int 1 1000}}'),
  }),
  section({
    kind: z.literal('column'),
    column: text('the name of the column or field that holds the key'),
  }),
]);

const sizeSchema = z.union(
  [
    payloadSize,
    kinds('fixed, uniform, lognormal, empirical', [
      section({ kind: z.literal('fixed'), bytes: payloadSize }),
      section({ kind: z.literal('uniform'), min: payloadSize, max: payloadSize }),
      section({
        kind: z.literal('lognormal'),
        median: payloadSize,
        p99: payloadSize,
        max: payloadSize.optional(),
      }),
      section({
        kind: z.literal('empirical'),
        sizes: list(
          section({ bytes: payloadSize, weight: positive(1e12, '1').optional() }),
          'a list of at least one { bytes, weight }',
          1,
        ),
      }),
    ]),
  ],
  { error: 'a size such as 200B, or a section with kind: fixed, uniform, lognormal, empirical' },
);

const payloadSchema = kinds('random, json, file', [
  section({
    kind: z.literal('random'),
    size: sizeSchema,
    compressible: fraction({ min: 0, max: 1, words: ' 0 to 100%' }).optional(),
  }),
  section({
    kind: z.literal('json'),
    size: sizeSchema.optional(),
    template: z
      .record(z.string(), z.json(), { error: 'a section: the JSON object to send' })
      .meta({ description: 'the JSON object to send; texts may hold generators: {{key}}' }),
  }),
  section({
    kind: z.literal('file'),
    file: text('the path of a file with one record a line'),
    format: choice(['ndjson', 'json', 'csv']).optional(),
  }),
]);

const recordKindSchema = section({
  weight: positive(1e9, '1').optional(),
  partitionKey: partitionKeySchema.optional(),
  payload: payloadSchema,
  stamp: flag().optional(),
});

export const recordsSchema = z.union(
  [recordKindSchema, list(recordKindSchema, 'a list of at least one kind of record', 1)],
  { error: 'a kind of record, { partitionKey, payload, stamp }, or a list of kinds' },
);

export type RecordKindInput = z.output<typeof recordKindSchema>;
export type PartitionKeyInput = z.output<typeof partitionKeySchema>;
export type PayloadInput = z.output<typeof payloadSchema>;
export type SizeInput = z.output<typeof sizeSchema>;
