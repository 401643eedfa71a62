/** The shape of capacity.json and of what `capacity --json` prints; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';
import type { CapacitySearch } from '../plan/capacity-search.ts';

/** While probes are made there are only these; what the search comes to follows at its end. */
interface CapacityFile extends AtTheEnd, Pick<CapacitySearch, 'probes'> {
  readonly schema: 'shardstorm.capacity/1';
  readonly status: CapacitySearch['status'] | 'under way';
  /** Where the results of the probes are; printed only. */
  readonly folder?: string | undefined;
}

type AtTheEnd = {
  readonly [Key in keyof Omit<CapacitySearch, 'probes' | 'status'>]?:
    | CapacitySearch[Key]
    | undefined;
};

const number = z.number().min(0);
const orNull = number.nullable();

const probe = z.object({
  perSecond: number,
  windowSeconds: number,
  failed: z.array(z.string()),
  undecided: z.enum(['no data', 'not enough data']).nullable(),
  isByTrendOnly: z.boolean(),
  isGeneratorBound: z.boolean(),
  generatorReasons: z.array(z.string()),
  acceptedPerSecond: number,
  responseP99Us: orNull,
  throttle: number,
  hottestShard: z.string().nullable(),
  isInterrupted: z.boolean(),
});

const step = z.object({
  perSecond: number,
  acceptedPerSecond: number,
  responseP99Us: orNull,
  throttle: number,
});

const capacitySchema: z.ZodType<CapacityFile> = z.object({
  schema: z.literal('shardstorm.capacity/1'),
  status: z.enum([
    'confirmed',
    'not confirmed',
    'at least',
    'generator-bound',
    'interrupted',
    'broken off',
    'no rate',
    'under way',
  ]),
  folder: z.string().optional(),
  perSecond: orNull.optional(),
  passed: orNull.optional(),
  failed: probe.nullable().optional(),
  kneePerSecond: orNull.optional(),
  probes: z.array(probe),
  hysteresis: z
    .object({
      steps: z.array(z.object({ up: step, down: step.nullable() })),
      worseAt: z.array(number),
    })
    .nullable()
    .optional(),
});

/** The JSON Schema (draft 2020-12) of capacity.json. */
export function capacityJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/capacity.schema.json',
    title: 'Shardstorm capacity: a search for the highest rate that keeps its objectives',
    ...z.toJSONSchema(capacitySchema, { io: 'input' }),
  };
}
