import type { Stream } from '../core/stream.ts';
import type { Output } from './operation.ts';

/** Members that DescribeStream and DescribeStreamSummary have in common. */
export function sharedShape(stream: Stream): { readonly [member: string]: Output } {
  return {
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.metrics] }],
    EncryptionType: stream.encryptionKeyId === null ? 'NONE' : 'KMS',
    KeyId: stream.encryptionKeyId ?? undefined,
  };
}

/** The stream's warm throughput: a shard carries 1 MiB/s. */
export function warmThroughput(stream: Stream): Output {
  if (stream.warmThroughputMiBps === null) return undefined;
  return { TargetMiBps: stream.warmThroughputMiBps, CurrentMiBps: stream.openShards.length };
}
