import type { SequenceSetData } from '../core/sequence-set.ts';
import type { AuditCounts, AuditSample } from './audit.ts';
import type { BacklogSample } from './backlog.ts';
import type { OrderCheck, OrderData } from './order.ts';
import type { ShardProgress } from './read-all.ts';
import type { Verification } from './verification.ts';

/** Everything that a reading must know to go on where it was stopped: plain data, taken between two pages. */
export interface VerificationData {
  readonly counts: AuditCounts;
  readonly producers: readonly (readonly [
    producer: number,
    seen: SequenceSetData,
    again: SequenceSetData,
  ])[];
  readonly manifold: readonly (readonly [name: string, copies: number])[];
  readonly samples: readonly AuditSample[];
  readonly keyOrder: FollowedData;
  readonly shardOrder: FollowedData;
  readonly progress: readonly (readonly [shardId: string, progress: ShardProgress])[];
  readonly backlog: readonly BacklogSample[];
  readonly readMs: number;
}

interface FollowedData extends OrderData {
  readonly lateRecords: number;
  readonly unfollowed: number;
}

export function saveVerification({ audit, backlog, progress, readMs }: Verification) {
  const producers: VerificationData['producers'][number][] = [];
  for (const [number, found] of audit.producers.entries()) {
    if (found !== undefined) producers.push([number, found.seen.toData(), found.again.toData()]);
  }
  const data: VerificationData = {
    counts: audit.counts,
    producers,
    manifold: [...audit.manifold],
    samples: audit.samples,
    keyOrder: followed(audit.keyOrder),
    shardOrder: followed(audit.shardOrder),
    progress: [...progress],
    backlog: backlog.samples,
    readMs,
  };
  return data;
}

/** For a verification that has read nothing. */
export function restoreVerification(verification: Verification, data: VerificationData): void {
  const { audit, backlog, progress } = verification;
  Object.assign(audit.counts, data.counts);
  for (const [number, seen, again] of data.producers) {
    const found = audit.found(number);
    found.seen.load(seen);
    found.again.load(again);
  }
  for (const [name, copies] of data.manifold) audit.manifold.set(name, copies);
  audit.samples.push(...data.samples);
  follow(audit.keyOrder, data.keyOrder);
  follow(audit.shardOrder, data.shardOrder);
  for (const [id, known] of data.progress) progress.set(id, { ...known });
  for (const sample of data.backlog) backlog.add(sample);
  verification.readMs = data.readMs;
}

function followed(check: OrderCheck): FollowedData {
  return { ...check.toData(), lateRecords: check.lateRecords, unfollowed: check.unfollowed };
}

function follow(check: OrderCheck, data: FollowedData): void {
  check.load(data);
  check.lateRecords = data.lateRecords;
  check.unfollowed = data.unfollowed;
}
