/**
 * verification.json: what a reader of the stream found of a run, `shardstorm.verification/1`. In: parsed JSON, or the
 * figures of a reading. Out: the same as data that reports render from, and its shape checked.
 */
import { z } from 'zod';
import { formatCount } from '../core/units.ts';
import { latencySchema } from './schema.ts';
import type { LatencySummary, VerifySummary } from './summary.ts';

export interface Verification {
  readonly schema: 'shardstorm.verification/1';
  readonly runId: string;
  readonly stream: string;
  readonly verifiedAt: string;
  /** `during`: the reader ran beside the load, so its lag means something. */
  readonly when: 'during' | 'after';
  readonly method: 'polling' | 'fan-out';
  /** `interrupted`: not all was read; the counts are those of what was. */
  readonly status: 'complete' | 'interrupted';
  /** What broke the reading off; '' when nothing did, or a person. */
  readonly problem: string;
  readonly verdict: VerifySummary['verdict'];
  /** What is wrong, or worth knowing, in sentences; the gravest first. */
  readonly findings: readonly string[];
  readonly read: {
    readonly shards: number;
    readonly kinesisRecords: number;
    readonly aggregates: number;
    readonly userRecords: number;
    readonly bytes: number;
    readonly durationMs: number;
    /** User records of this run, copies included. */
    readonly own: number;
    /** Without a stamp, and with that of another run. */
    readonly foreignUnstamped: number;
    readonly foreignRuns: number;
    /** Kinesis records that an embedded simulator dropped because its memory is bounded. */
    readonly forgotten: number;
  };
  readonly delivery: {
    /** `counts`: the run could not list its failures (`problem`), so `lost` is a lower bound. */
    readonly basis: 'sequences' | 'counts';
    readonly problem: string;
    readonly expected: number;
    readonly found: number;
    readonly lost: number;
    readonly uncertainFound: number;
    readonly uncertainAbsent: number;
    readonly duplicatesExpected: number;
    readonly duplicatesUnexplained: number;
    readonly foundThoughRefused: number;
    readonly impossible: number;
    /** Past the bound of the bitmaps. */
    readonly unchecked: number;
  };
  readonly order: {
    /** Records read after a later one of the same producer with the same key, and in the same shard. */
    readonly lateByKey: number;
    readonly lateByShard: number;
    /** Records of keys past the bound. */
    readonly unfollowed: number;
  };
  readonly damage: {
    readonly brokenAggregates: number;
    readonly malformedAggregates: number;
    /** In aggregates that hold keys of other shards: consumers that follow the KCL drop those whole. */
    readonly misplacedRecords: number;
    /** Records held against what they should be; of them, other payloads and other keys. */
    readonly compared: number;
    readonly wrongContents: number;
    readonly wrongKeys: number;
    readonly samples: readonly VerificationSample[];
  };
  readonly gaps: readonly VerificationGap[];
  /** 1: gaps are exact; more: lost sequences this near to each other share one. */
  readonly gapsJoinedWithin: number;
  /** Of the measured phases. */
  readonly latency: {
    /** Intended time to arrival in the stream, as the service says (whole milliseconds). */
    readonly arrival: LatencySummary;
    /** Intended time to read; absent where the reader did not run beside the load. */
    readonly endToEnd?: LatencySummary;
    /** Arrival to read. */
    readonly lag?: LatencySummary;
  };
  readonly backlog: {
    readonly behindMsMax: number;
    /** When nothing was left to read, milliseconds since the reading began; null: it was never so. */
    readonly drainedAtMs: number | null;
    readonly samples: readonly VerificationBacklog[];
  };
}

interface VerificationGap {
  readonly producer: number;
  readonly worker: number;
  readonly from: number;
  readonly to: number;
  readonly lost: number;
}

interface VerificationBacklog {
  readonly atMs: number;
  readonly behindMs: number;
  readonly userRecords: number;
  readonly bytes: number;
}

interface VerificationSample {
  readonly kind: string;
  readonly shard: string;
  readonly sequenceNumber: string;
  readonly producer: number | null;
  readonly sequence: number | null;
}

const count = z.int().min(0);

export const verificationSchema: z.ZodType<Verification> = z.object({
  schema: z.literal('shardstorm.verification/1'),
  runId: z.string(),
  stream: z.string(),
  verifiedAt: z.iso.datetime(),
  when: z.enum(['during', 'after']),
  method: z.enum(['polling', 'fan-out']),
  status: z.enum(['complete', 'interrupted']),
  problem: z.string(),
  verdict: z.enum(['delivered', 'lost', 'damaged', 'incomplete']),
  findings: z.array(z.string()),
  read: z.object({
    shards: count,
    kinesisRecords: count,
    aggregates: count,
    userRecords: count,
    bytes: count,
    durationMs: count,
    own: count,
    foreignUnstamped: count,
    foreignRuns: count,
    forgotten: count,
  }),
  delivery: z.object({
    basis: z.enum(['sequences', 'counts']),
    problem: z.string(),
    expected: count,
    found: count,
    lost: count,
    uncertainFound: count,
    uncertainAbsent: count,
    duplicatesExpected: count,
    duplicatesUnexplained: count,
    foundThoughRefused: count,
    impossible: count,
    unchecked: count,
  }),
  order: z.object({ lateByKey: count, lateByShard: count, unfollowed: count }),
  damage: z.object({
    brokenAggregates: count,
    malformedAggregates: count,
    misplacedRecords: count,
    compared: count,
    wrongContents: count,
    wrongKeys: count,
    samples: z.array(
      z.object({
        kind: z.string(),
        shard: z.string(),
        sequenceNumber: z.string(),
        producer: count.nullable(),
        sequence: count.nullable(),
      }),
    ),
  }),
  gaps: z.array(z.object({ producer: count, worker: count, from: count, to: count, lost: count })),
  gapsJoinedWithin: count,
  latency: z.object({
    arrival: latencySchema,
    endToEnd: z.exactOptional(latencySchema),
    lag: z.exactOptional(latencySchema),
  }),
  backlog: z.object({
    behindMsMax: count,
    drainedAtMs: count.nullable(),
    samples: z.array(z.object({ atMs: count, behindMs: count, userRecords: count, bytes: count })),
  }),
});

/**
 * The JSON Schema (draft 2020-12) of verification.json.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function verificationJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/verification.schema.json',
    title: 'Shardstorm verification: what a stream holds of a run',
    ...z.toJSONSchema(verificationSchema, { io: 'input' }),
  };
}

type Figures = Omit<Verification, 'verdict' | 'findings'>;

/** The verdict and the sentences that go with the figures. */
export function concluded(figures: Figures): Verification {
  return { ...figures, verdict: verdictOf(figures), findings: findingsOf(figures) };
}

function verdictOf({ status, delivery, damage, read }: Figures): Verification['verdict'] {
  if (status === 'interrupted' || isForgotten({ delivery, read })) return 'incomplete';
  if (delivery.lost > 0) return 'lost';
  const { brokenAggregates, malformedAggregates, wrongContents, wrongKeys } = damage;
  const damaged =
    brokenAggregates + malformedAggregates + wrongContents + wrongKeys + delivery.impossible;
  return damaged > 0 ? 'damaged' : 'delivered';
}

/** What is missing may be what the target forgot. */
function isForgotten({ delivery, read }: Pick<Figures, 'delivery' | 'read'>): boolean {
  return delivery.lost > 0 && read.forgotten > 0;
}

const times = (count: number, noun: string) =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
const were = (count: number) => (count === 1 ? 'was' : 'were');

function findingsOf(figures: Figures): string[] {
  const { delivery: d, damage, order, read } = figures;
  const findings: string[] = [];
  const say = (count: number, sentence: string) => {
    if (count > 0) findings.push(sentence);
  };
  findings.push(...missingWords(figures));
  if (d.problem !== '') findings.push(`Only counts could be compared: ${d.problem}.`);
  say(
    damage.brokenAggregates,
    `${times(damage.brokenAggregates, 'aggregate')} with a wrong checksum: consumers cannot take them apart.`,
  );
  say(
    damage.malformedAggregates,
    `${times(damage.malformedAggregates, 'aggregate')} with a right checksum cannot be read.`,
  );
  say(
    damage.wrongContents,
    `${times(damage.wrongContents, 'user record')} ${were(damage.wrongContents)} not what ${damage.wrongContents === 1 ? 'was' : 'were'} sent.`,
  );
  say(
    damage.wrongKeys,
    `${times(damage.wrongKeys, 'user record')} came with a partition key that is not theirs: the aggregate did not keep it.`,
  );
  say(
    damage.misplacedRecords,
    `${times(damage.misplacedRecords, 'user record')} lie in aggregates with keys of other shards: consumers that follow the KCL drop those aggregates whole, so they do not count as found.`,
  );
  say(d.impossible, `${times(d.impossible, 'stamp')} of this run that it never wrote.`);
  say(
    d.duplicatesUnexplained,
    `${times(d.duplicatesUnexplained, 'copy').replace('copys', 'copies')} without a ${
      d.basis === 'counts'
        ? 'reason that the run could list'
        : 'reason: no attempt of theirs went without an answer'
    }.`,
  );
  say(
    d.duplicatesExpected,
    `${times(d.duplicatesExpected, 'copy').replace('copys', 'copies')} of records with an attempt whose answer never came, as is to be expected.`,
  );
  say(
    d.foundThoughRefused,
    `${times(d.foundThoughRefused, 'user record')} ${were(d.foundThoughRefused)} found though the run counts them as refused.`,
  );
  say(
    d.uncertainFound,
    `${formatCount(d.uncertainFound)} of ${formatCount(d.uncertainFound + d.uncertainAbsent)} uncertain records are in the stream.`,
  );
  say(
    order.lateByKey,
    `${times(order.lateByKey, 'user record')} behind a later one of the same key.`,
  );
  say(
    read.foreignUnstamped + read.foreignRuns,
    `${times(read.foreignUnstamped + read.foreignRuns, 'user record')} of others in the stream.`,
  );
  return findings;
}

/** What is missing, and why that may be. */
function missingWords(figures: Figures): string[] {
  const { status, problem, delivery, gaps, read } = figures;
  const { lost, basis } = delivery;
  if (status === 'interrupted') {
    const why = problem === '' ? '' : `: ${problem}`;
    return [`Not all was read, so the counts are a beginning${why}.`];
  }
  if (lost === 0) return [];
  const missing = `${times(lost, 'accepted user record')} ${were(lost)} not found`;
  if (isForgotten(figures)) {
    return [
      `${missing}, and the simulator dropped ${times(read.forgotten, 'Kinesis record')} for want of memory: ` +
        'verify during the run, or send less.',
    ];
  }
  const findings = [`${basis === 'counts' ? 'At least ' : ''}${missing}.`];
  if (read.own === 0) {
    findings.push(
      'None of the run is in the stream: perhaps it was created anew since, it is another one of the ' +
        'same name, or its retention is over.',
    );
  } else if (isBeginning(gaps)) {
    findings.push(
      "The missing records are the run's first: perhaps the stream had forgotten them (its " +
        'retention, or the memory of a simulator).',
    );
  }
  return findings;
}

/** Whether every producer's gaps begin with its first record. */
function isBeginning(gaps: readonly VerificationGap[]): boolean {
  const firsts = new Map<number, number>();
  for (const { producer, from } of gaps) if (!firsts.has(producer)) firsts.set(producer, from);
  return gaps.length > 0 && gaps.length === firsts.size && gaps.every(({ from }) => from === 0);
}

/** The part of a verification that summary.json repeats. */
export function verifySummary({
  verdict,
  delivery,
  damage,
  order,
  read,
}: Verification): VerifySummary {
  return {
    verdict,
    expected: delivery.expected,
    found: delivery.found,
    lost: delivery.lost,
    duplicatesExpected: delivery.duplicatesExpected,
    duplicatesUnexplained: delivery.duplicatesUnexplained,
    uncertainFound: delivery.uncertainFound,
    lateByKey: order.lateByKey,
    lateByShard: order.lateByShard,
    corrupt:
      damage.brokenAggregates +
      damage.malformedAggregates +
      damage.wrongContents +
      delivery.impossible,
    wrongKeys: damage.wrongKeys,
    foreign: read.foreignUnstamped + read.foreignRuns,
  };
}
