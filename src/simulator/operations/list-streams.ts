import { NEXT_TOKEN, STREAM_NAME } from './member.ts';
import { type Operation, streamArn, Timestamp } from './operation.ts';

const LIMIT_DEFAULT = 100;

export const listStreams: Operation = {
  name: 'ListStreams',
  callsPerSecond: 5,
  members: {
    Limit: { type: 'integer', min: 1, max: 10_000 },
    ExclusiveStartStreamName: STREAM_NAME,
    NextToken: NEXT_TOKEN,
  },
  run(simulator, input) {
    const after = input.text('NextToken') ?? input.text('ExclusiveStartStreamName') ?? '';
    const names = [...simulator.streams.keys()].sort().filter((name) => name > after);
    const page = names.slice(0, input.integer('Limit') ?? LIMIT_DEFAULT);
    const hasMore = page.length < names.length;
    return {
      StreamNames: page,
      HasMoreStreams: hasMore,
      NextToken: hasMore ? page.at(-1) : undefined,
      StreamSummaries: page.map((name) => {
        const stream = simulator.stream(name);
        return {
          StreamName: name,
          StreamARN: streamArn(simulator, stream),
          StreamStatus: stream.status,
          StreamModeDetails: { StreamMode: stream.mode },
          StreamCreationTimestamp: new Timestamp(stream.createdMs),
        };
      }),
    };
  },
};
