import type { PhaseTotals } from '../measure/run-totals.ts';
import { counterOf } from '../results/measures.ts';
import type { AuditReport } from '../simulator/core/audit.ts';

/** Differences told of in one reason; the first few say what is wrong. */
const SHARDS_TOLD_MAX = 3;

/**
 * Holds the load generator's own count against what the simulator says it took. They must agree record for record, but
 * for attempts whose answer never came: the simulator may have stored those.
 * @param readsContents whether the audit looked into records, and so knows of user records
 * @returns one sentence for each difference; none: they agree
 */
export function compareWithAudit(
  phases: readonly PhaseTotals[],
  audit: AuditReport,
  readsContents = true,
): string[] {
  const sum = (name: Parameters<typeof counterOf>[1]) =>
    phases.reduce((total, { counters }) => total + counterOf(counters, name), 0);
  const unknown = sum('attempts.unknown');
  const differences: string[] = [];
  const compare = (what: string, ours: number, theirs: number, spare: number) => {
    if (theirs >= ours && theirs <= ours + spare) return;
    const allowance = spare === 0 ? '' : ` (and at most ${spare} more without an answer)`;
    differences.push(
      `the generator counted ${ours} ${what}${allowance}, the simulator's audit ${theirs}`,
    );
  };
  compare(
    'Kinesis records accepted',
    sum('kinesisRecords.accepted'),
    audit.kinesisRecords.accepted,
    unknown,
  );
  if (unknown === 0) {
    compare(
      'bytes accepted',
      sum('kinesisRecords.bytesAccepted'),
      audit.kinesisRecords.acceptedBytes,
      0,
    );
    if (readsContents && sum('attempts.wrongShard') === 0) {
      compare('user records accepted', sum('userRecords.accepted'), audit.userRecords.accepted, 0);
    }
    differences.push(...shardDifferences(phases, audit));
  }
  return differences;
}

function shardDifferences(phases: readonly PhaseTotals[], audit: AuditReport): string[] {
  const differences = audit.shards.flatMap(({ number, id, records, throttled }) => {
    let ours = 0;
    let oursThrottled = 0;
    for (const { shards } of phases) {
      ours += shards.get(number)?.records ?? 0;
      oursThrottled += shards.get(number)?.throttled ?? 0;
    }
    if (ours === records && oursThrottled <= throttled) return [];
    return [
      `the generator counted ${ours} records accepted in ${id}, the simulator's audit ${records}`,
    ];
  });
  return differences.slice(0, SHARDS_TOLD_MAX);
}
