/** The metrics that a stored run and a run under way have in common, so that one dashboard reads both. */

import type { Measures } from '../../results/summary.ts';
import { byLabel, type Family, sample } from './exposition.ts';

/** Counters of records, attempts, requests and shards. Base units: bytes. */
export function countFamilies(measures: Measures): readonly Family[] {
  const { userRecords, kinesisRecords, requests, attempts } = measures;
  const { offered, accepted, failed, expired, dropped, uncertain } = userRecords;
  const { byErrorCode, records: _sum, ...outcomes } = attempts;
  return [
    byLabel(
      counter(
        'user_records_total',
        'User records by what became of them; offered is the sum of accepted, failed, expired, dropped and those under way.',
      ),
      'outcome',
      { offered, accepted, failed, expired, dropped, uncertain },
    ),
    byLabel(counter('user_record_bytes_total', 'Payload bytes of user records.'), 'outcome', {
      offered: userRecords.bytesOffered,
      accepted: userRecords.bytesAccepted,
    }),
    byLabel(
      counter('kinesis_records_total', 'Kinesis records, each counted once however often tried.'),
      'outcome',
      { sent: kinesisRecords.sent, accepted: kinesisRecords.accepted },
    ),
    byLabel(counter('attempts_total', 'Tries to write a Kinesis record.'), 'outcome', outcomes),
    byLabel(
      counter('attempt_errors_total', 'Attempts that ended in an error.'),
      'code',
      byErrorCode,
    ),
    byLabel(
      counter('requests_total', 'PutRecords calls; partial ones are among the succeeded.'),
      'outcome',
      { succeeded: requests.succeeded, failed: requests.failed, partial: requests.partial },
    ),
    perShard('shard_records_total', 'Kinesis records accepted.', measures, 'records'),
    perShard('shard_bytes_total', 'Bytes accepted.', measures, 'bytes'),
    perShard('shard_throttled_total', 'Attempts throttled.', measures, 'throttled'),
  ];
}

function counter(name: string, help: string): Omit<Family, 'samples'> {
  return { name, type: 'counter', help };
}

function perShard(
  name: string,
  help: string,
  { shards }: Measures,
  read: 'records' | 'bytes' | 'throttled',
): Family {
  const samples = shards.map((shard) => sample(shard[read], { shard: shard.id }));
  return { ...counter(name, help), samples };
}

/** `endToEnd` → `end_to_end_seconds`. */
export function timeFamilyName(metric: string): string {
  return `${metric.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_seconds`;
}

/** Microseconds in the format's base unit. */
export function inSeconds(us: number | null): number | null {
  return us === null ? null : us / 1_000_000;
}
