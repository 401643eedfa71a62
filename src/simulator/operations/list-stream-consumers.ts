import { consumerShape } from './consumer-shape.ts';
import { NEXT_TOKEN, required, STREAM_ARN } from './member.ts';
import { namedStream, type Operation } from './operation.ts';

const LIMIT_DEFAULT = 100;

/** A page token is the name of the last consumer told, which no client may rely on. */
export const listStreamConsumers: Operation = {
  name: 'ListStreamConsumers',
  callsPerSecond: 5,
  members: {
    StreamARN: required(STREAM_ARN),
    NextToken: NEXT_TOKEN,
    MaxResults: { type: 'integer', min: 1, max: 10_000 },
    StreamCreationTimestamp: { type: 'timestamp' },
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    const after = Buffer.from(input.text('NextToken') ?? '', 'base64').toString('utf8');
    const names = [...stream.consumers.keys()].sort().filter((name) => name > after);
    const page = names.slice(0, input.integer('MaxResults') ?? LIMIT_DEFAULT);
    const consumers = [...stream.consumers.values()]
      .filter(({ name }) => page.includes(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const hasMore = page.length < names.length;
    return {
      Consumers: consumers.map(consumerShape),
      NextToken: hasMore ? Buffer.from(page.at(-1) ?? '').toString('base64') : undefined,
    };
  },
};
