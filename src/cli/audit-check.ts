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

/**
 * Records are held against each other shard by shard, and so are throttled attempts while all shards are open. Once one was
 * closed, an attempt that was refused names no shard: the producer books it on the one it predicted, the simulator on the one
 * that the key belongs to by then. Their sums must agree still.
 */
function shardDifferences(phases: readonly PhaseTotals[], audit: AuditReport): string[] {
  const differences: string[] = [];
  const tell = (what: string, where: string, ours: number, theirs: number) =>
    differences.push(
      `the generator counted ${ours} ${what} in ${where}, the simulator's audit ${theirs}`,
    );
  const isResharded = audit.shards.some(({ isOpen }) => !isOpen);
  const sums = { ours: 0, theirs: 0 };
  for (const { number, id, records, throttled } of audit.shards) {
    let ours = 0;
    let oursThrottled = 0;
    for (const { shards } of phases) {
      ours += shards.get(number)?.records ?? 0;
      oursThrottled += shards.get(number)?.throttled ?? 0;
    }
    sums.ours += oursThrottled;
    sums.theirs += throttled;
    if (ours !== records) tell('records accepted', id, ours, records);
    if (oursThrottled > throttled && !isResharded) {
      tell('attempts throttled', id, oursThrottled, throttled);
    }
  }
  if (sums.ours > sums.theirs && isResharded) {
    tell('attempts throttled', 'all shards', sums.ours, sums.theirs);
  }
  return differences.slice(0, SHARDS_TOLD_MAX);
}
