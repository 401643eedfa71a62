import type { AuditReport } from '../core/audit.ts';

/** The audit in the Prometheus text format, version 0.0.4. */
export function prometheusMetrics(report: AuditReport): string {
  const lines: string[] = [];
  const metric = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    samples: readonly (readonly [labels: string, value: number])[],
  ) => {
    if (samples.length === 0) return;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`${name}${labels} ${value}`);
  };
  const { requests, kinesisRecords, userRecords, shards, faults, storage } = report;
  const failed = Object.entries(requests.failed);
  metric('shardstorm_simulator_requests_total', 'counter', 'PutRecord(s) calls by outcome.', [
    ['{outcome="succeeded"}', requests.succeeded],
    ['{outcome="partial"}', requests.partial],
    ['{outcome="cut_before"}', requests.cutBefore],
    ['{outcome="cut_after"}', requests.cutAfter],
    ...failed.map(([type, count]) => [`{outcome="${label(type)}"}`, count] as const),
  ]);
  const prefix = 'shardstorm_simulator_records';
  metric(`${prefix}_accepted_total`, 'counter', 'Kinesis records stored.', [
    ['', kinesisRecords.accepted],
  ]);
  metric(
    `${prefix}_refused_total`,
    'counter',
    'Kinesis records refused, by error.',
    Object.entries(kinesisRecords.refused).map(([code, n]) => [`{code="${label(code)}"}`, n]),
  );
  metric('shardstorm_simulator_bytes_accepted_total', 'counter', 'Data and keys stored.', [
    ['', kinesisRecords.acceptedBytes],
  ]);
  metric('shardstorm_simulator_user_records_accepted_total', 'counter', 'After de-aggregation.', [
    ['', userRecords.accepted],
  ]);
  metric('shardstorm_simulator_duplicates_total', 'counter', 'Stamped records seen before.', [
    ['', userRecords.duplicates],
  ]);
  const ofShard = (value: 'records' | 'bytes' | 'throttled') =>
    shards.map(
      (shard) => [`{stream="${label(shard.stream)}",shard="${shard.id}"}`, shard[value]] as const,
    );
  metric('shardstorm_simulator_shard_records_total', 'counter', 'By shard.', ofShard('records'));
  metric('shardstorm_simulator_shard_bytes_total', 'counter', 'By shard.', ofShard('bytes'));
  metric(
    'shardstorm_simulator_shard_throttled_total',
    'counter',
    'By shard.',
    ofShard('throttled'),
  );
  metric(
    'shardstorm_simulator_faults_total',
    'counter',
    'Faults that fired.',
    faults.map(({ kind, fired, isCleared }, i) => [
      `{kind="${label(kind)}",rule="${isCleared ? 'cleared' : i}"}`,
      fired,
    ]),
  );
  metric('shardstorm_simulator_held_bytes', 'gauge', 'Records held for readers.', [
    ['', storage.heldBytes],
  ]);
  metric('shardstorm_simulator_records_dropped_total', 'counter', 'Held no longer, by the bound.', [
    ['', storage.droppedRecords],
  ]);
  metric('shardstorm_simulator_records_expired_total', 'counter', 'Past their retention.', [
    ['', storage.expiredRecords],
  ]);
  return `${lines.join('\n')}\n`;
}

function label(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
