/**
 * delivery.json: what a reader of the stream must know of a run to tell lost from never accepted. In: the merged notes of
 * the workers. Out: for each producer how many sequences were due, and stretches of those that did not go well. A sequence
 * in no stretch was accepted, by one attempt. Bounded: past a number of stretches the file says that it is not complete.
 */
import { z } from 'zod';
import type { SequenceSet } from '../core/sequence-set.ts';
import type { DeliveryTotals, ProducerDelivery } from '../measure/delivery-totals.ts';

/** Stretches in the whole file at the most: about 15 MB of text. */
const STRETCHES_MAX = 1_000_000;

/** Stretches of sequences by producer: `"0": "12,40-57"`. Producers with none are left out. */
type Stretches = Readonly<Record<string, string>>;

export interface Delivery {
  readonly schema: 'shardstorm.delivery/1';
  /** The run id that stamps carry, sixteen hex digits. */
  readonly stampRunId: string;
  /** Time 0 of the run, whole Unix microseconds, and when its last record had settled. */
  readonly originEpochUs: number;
  readonly endEpochUs: number;
  /** Whether the lists below are whole; if not, only counts can be compared, and `problem` says why. */
  readonly complete: boolean;
  readonly problem: string;
  /** Threads of the run: producer p belonged to worker p mod workers. */
  readonly workers: number;
  /** By producer: its sequences 0 … offered-1 were due. */
  readonly offered: readonly number[];
  /** Ended failed, expired or dropped; the stream does not hold them. */
  readonly notAccepted: Stretches;
  /** Given up after an attempt whose answer never came; the stream may hold them. */
  readonly uncertain: Stretches;
  /** An attempt had no answer, or landed in a wrong shard; the stream may hold them more than once. */
  readonly repeated: Stretches;
}

export interface DeliveryInput {
  readonly totals: DeliveryTotals;
  readonly stampId: readonly [high: number, low: number];
  readonly originEpochUs: number;
  readonly durationUs: number;
  readonly workers: number;
  /** Why what the workers told is not all; '' when it is. */
  readonly problem: string;
}

export function buildDelivery(input: DeliveryInput): Delivery {
  const { totals, stampId, originEpochUs, durationUs, workers } = input;
  const { producers } = totals;
  const room = { stretches: STRETCHES_MAX };
  const stretches = (set: (producer: ProducerDelivery) => SequenceSet): Stretches =>
    Object.fromEntries(
      producers.flatMap((producer, number) => {
        const text = producer === undefined ? '' : stretchText(set(producer), room);
        return text === '' ? [] : [[String(number), text]];
      }),
    );
  const lists = {
    notAccepted: stretches((producer) => producer.notAccepted),
    uncertain: stretches((producer) => producer.uncertain),
    repeated: stretches((producer) => producer.repeated),
  };
  const isTooLong = room.stretches < 0 || totals.unkept > 0;
  const tooLong = 'more records failed, one by one, than the file can list';
  const problem = input.problem === '' && isTooLong ? tooLong : input.problem;
  return {
    schema: 'shardstorm.delivery/1',
    stampRunId: stampId.map((half) => half.toString(16).padStart(8, '0')).join(''),
    originEpochUs,
    endEpochUs: Math.ceil(originEpochUs + durationUs),
    complete: problem === '',
    problem,
    workers,
    offered: Array.from(producers, (producer) => producer?.offered ?? 0),
    ...lists,
  };
}

function stretchText(set: SequenceSet, room: { stretches: number }): string {
  const parts: string[] = [];
  set.forEachRange((first, count) => {
    if (--room.stretches >= 0)
      parts.push(count === 1 ? `${first}` : `${first}-${first + count - 1}`);
  });
  return parts.join(',');
}

const PIECE = String.raw`\d{1,16}(-\d{1,16})?`;
const stretches = z.record(
  z.string().regex(/^\d{1,5}$/),
  z.string().regex(new RegExp(`^${PIECE}(,${PIECE})*$`)),
);

export const deliverySchema: z.ZodType<Delivery> = z.object({
  schema: z.literal('shardstorm.delivery/1'),
  stampRunId: z.string().regex(/^[0-9a-f]{16}$/),
  originEpochUs: z.int().min(0),
  endEpochUs: z.int().min(0),
  complete: z.boolean(),
  problem: z.string(),
  workers: z.int().min(1),
  offered: z.array(z.int().min(0)),
  notAccepted: stretches,
  uncertain: stretches,
  repeated: stretches,
});

/**
 * The JSON Schema (draft 2020-12) of delivery.json.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function deliveryJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/delivery.schema.json',
    title: 'Shardstorm delivery: which records of a run were accepted',
    ...z.toJSONSchema(deliverySchema, { io: 'input' }),
  };
}

/** Calls back for each stretch of a {@link Delivery} list entry. */
export function forEachStretch(text: string, visit: (first: number, count: number) => void): void {
  for (const part of text.split(',')) {
    const [first = '', last = first] = part.split('-');
    visit(Number(first), Number(last) - Number(first) + 1);
  }
}
