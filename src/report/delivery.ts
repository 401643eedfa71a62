/** What reading back found, in rows for any format. In: verification.json, or what summary.json repeats of it. */
import { formatCount } from '../core/units.ts';
import type { LatencySummary, VerifySummary } from '../results/summary.ts';
import type { Verification } from '../results/verification.ts';
import type { Tone } from './view-model.ts';

interface DeliveryVerdict {
  readonly tone: Tone;
  readonly word: string;
  readonly sentence: string;
}

const VERDICTS: Readonly<Record<VerifySummary['verdict'], DeliveryVerdict>> = {
  delivered: { tone: 'good', word: 'DELIVERED', sentence: 'every accepted record is there' },
  lost: { tone: 'bad', word: 'LOST', sentence: 'accepted records are missing' },
  damaged: { tone: 'bad', word: 'DAMAGED', sentence: 'all are there, not all as they were sent' },
  incomplete: { tone: 'warn', word: 'INCOMPLETE', sentence: 'not all was read' },
};

export function deliveryVerdict({ verdict }: { readonly verdict: VerifySummary['verdict'] }) {
  return VERDICTS[verdict];
}

/** `10,500 of 10,500 accepted records found, 0 lost, …`: the most important first. */
export function deliverySentence(verify: VerifySummary): string {
  const { expected, found, lost, duplicatesExpected, duplicatesUnexplained } = verify;
  const rest: readonly (readonly [number, string])[] = [
    [duplicatesExpected, 'copies after attempts without an answer'],
    [duplicatesUnexplained, 'copies without a reason'],
    [verify.lateByKey, 'late within their key'],
    [verify.corrupt, 'damaged'],
    [verify.wrongKeys, 'with a wrong key'],
    [verify.foreign, 'of others'],
  ];
  return [
    `${formatCount(found)} of ${formatCount(expected)} accepted records found`,
    `${formatCount(lost)} lost`,
    ...rest.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`),
  ].join(', ');
}

/** One count of a verification. */
export interface DeliveryRow {
  readonly name: string;
  readonly count: number;
  /** Whether a count above zero is a defect. */
  readonly isDefect: boolean;
}

export function deliveryRows({ delivery, damage, order, read }: Verification): DeliveryRow[] {
  const row = (name: string, count: number, isDefect = false) => ({ name, count, isDefect });
  const { uncertainFound, uncertainAbsent } = delivery;
  const uncertain = [
    row('uncertain, found', uncertainFound),
    row('uncertain, not found', uncertainAbsent),
  ];
  return [
    row('accepted by the run', delivery.expected),
    row('found', delivery.found),
    row('lost', delivery.lost, true),
    row('copies after attempts unanswered', delivery.duplicatesExpected),
    row('copies without a reason', delivery.duplicatesUnexplained, true),
    ...(uncertainFound + uncertainAbsent > 0 ? uncertain : []),
    row('late within their key', order.lateByKey, true),
    row('late within their shard', order.lateByShard),
    row('payloads not as sent', damage.wrongContents, true),
    row('partition keys not as sent', damage.wrongKeys, true),
    row(
      'aggregates that cannot be read',
      damage.brokenAggregates + damage.malformedAggregates,
      true,
    ),
    row('of others', read.foreignUnstamped + read.foreignRuns),
    row('compared with what was sent', damage.compared),
  ];
}

/** The times of a verification that have values. */
export function deliveryTimes({
  latency,
}: Verification): readonly (readonly [name: string, latency: LatencySummary])[] {
  const rows: readonly (readonly [string, LatencySummary | undefined])[] = [
    ['intended to arrival', latency.arrival],
    ['arrival to read', latency.lag],
    ['intended to read (end to end)', latency.endToEnd],
  ];
  return rows.flatMap(([name, times]) =>
    times !== undefined && times.count > 0 ? [[name, times] as const] : [],
  );
}
