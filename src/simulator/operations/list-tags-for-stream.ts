import { STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { tagList } from './tags.ts';

export const listTagsForStream: Operation = {
  name: 'ListTagsForStream',
  callsPerSecond: 5,
  members: {
    ...STREAM,
    ExclusiveStartTagKey: { type: 'string', lengthMin: 1, lengthMax: 128 },
    Limit: { type: 'integer', min: 1, max: 50 },
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    const after = input.text('ExclusiveStartTagKey') ?? '';
    const rest = new Map([...stream.tags].filter(([key]) => key > after));
    const list = tagList(rest);
    const page = list.slice(0, input.integer('Limit') ?? list.length);
    return { Tags: page, HasMoreTags: page.length < list.length };
  },
};
