import { STREAM } from './member.ts';
import { namedStream, type Operation, streamArn, Timestamp } from './operation.ts';

export const describeStreamSummary: Operation = {
  name: 'DescribeStreamSummary',
  members: STREAM,
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    return {
      StreamDescriptionSummary: {
        StreamName: stream.name,
        StreamARN: streamArn(simulator, stream),
        StreamStatus: stream.status,
        StreamModeDetails: { StreamMode: stream.mode },
        RetentionPeriodHours: stream.retentionHours,
        StreamCreationTimestamp: new Timestamp(stream.createdMs),
        EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
        EncryptionType: 'NONE',
        OpenShardCount: stream.openShards.length,
        ConsumerCount: 0,
        MaxRecordSizeInKiB: stream.recordBytesMax / 1024,
      },
    };
  },
};
