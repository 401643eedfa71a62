/** The KPL's metric names beside ours: users of the KPL know those words. Source: the KPL's metrics.md. */

import { formatBytes, formatCount, formatPercent } from '../core/units.ts';
import type { Measures } from '../results/summary.ts';
import { timeOrDash } from './view-model.ts';

/** One KPL metric with the figure of this run that it corresponds to. */
export interface KplMetric {
  readonly kpl: string;
  /** Path in summary.json. */
  readonly ours: string;
  readonly value: string;
  /** Where the two count differently; '' where they agree. */
  readonly difference: string;
}

/** Every KPL metric that a run has a counterpart for, in the order of the record's way. */
export function kplMetrics(measures: Measures): readonly KplMetric[] {
  const { userRecords, kinesisRecords, requests, attempts, rates, latency } = measures;
  const row = (kpl: string, ours: string, value: string, difference = ''): KplMetric => ({
    kpl,
    ours,
    value,
    difference,
  });
  const success = userRecords.offered === 0 ? 0 : userRecords.accepted / userRecords.offered;
  const errors = attempts.records - attempts.accepted;
  const perRequest = kinesisRecords.userRecordsPerRecord * requests.recordsPerRequest;
  return [
    row('UserRecordsReceived', 'userRecords.offered', formatCount(userRecords.offered)),
    row(
      'UserRecordsPut',
      'userRecords.accepted',
      formatCount(userRecords.accepted),
      `mean ${formatPercent(success)}`,
    ),
    row('UserRecordsDataPut', 'userRecords.bytesAccepted', formatBytes(userRecords.bytesAccepted)),
    row('UserRecordExpired', 'userRecords.expired', formatCount(userRecords.expired)),
    row('KinesisRecordsPut', 'attempts.accepted', formatCount(attempts.accepted)),
    row('ErrorsByCode, AllErrors', 'attempts.byErrorCode', formatCount(errors)),
    row(
      'RetriesPerRecord',
      'rates.retryAmplification',
      (rates.retryAmplification - 1).toFixed(3),
      'mean; ours − 1',
    ),
    row(
      'BufferingTime',
      'latency.buffering',
      timeOrDash(latency.buffering.mean),
      'mean; KPL: one an attempt',
    ),
    row('RequestTime', 'latency.request', timeOrDash(latency.request.mean), 'mean'),
    row(
      'UserRecordsPerKinesisRecord',
      'kinesisRecords.userRecordsPerRecord',
      kinesisRecords.userRecordsPerRecord.toFixed(1),
      'mean',
    ),
    row(
      'KinesisRecordsPerPutRecordsRequest',
      'requests.recordsPerRequest',
      requests.recordsPerRequest.toFixed(1),
      'mean',
    ),
    row('UserRecordsPerPutRecordsRequest', '(product of the two)', perRequest.toFixed(1), 'mean'),
  ];
}
