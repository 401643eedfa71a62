import { STREAM } from './member.ts';
import { namedStream, type Operation, streamArn, Timestamp } from './operation.ts';
import { sharedShape, warmThroughput } from './stream-shape.ts';

export const describeStreamSummary: Operation = {
  name: 'DescribeStreamSummary',
  callsPerSecond: 20,
  members: STREAM,
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    const isOnDemand = stream.mode === 'ON_DEMAND';
    return {
      StreamDescriptionSummary: {
        StreamName: stream.name,
        StreamARN: streamArn(simulator, stream),
        StreamStatus: stream.status,
        StreamCreationTimestamp: new Timestamp(stream.createdMs),
        ...sharedShape(stream),
        OpenShardCount: stream.status === 'CREATING' ? 0 : stream.openShards.length,
        ConsumerCount: stream.consumers.size,
        WarmThroughput: warmThroughput(stream),
        MaxRecordSizeInKiB: stream.recordBytesMax / 1024,
        ChannelCount: 0,
        RecordDistributionStrategy: isOnDemand ? stream.distribution : undefined,
      },
    };
  },
};
