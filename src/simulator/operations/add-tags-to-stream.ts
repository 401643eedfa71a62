import { STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { addTags, TAG_MAP } from './tags.ts';

export const addTagsToStream: Operation = {
  name: 'AddTagsToStream',
  callsPerSecond: 5,
  members: { Tags: TAG_MAP, ...STREAM },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    addTags(simulator, stream, stream.name, input.textMap('Tags'));
    return null;
  },
};
