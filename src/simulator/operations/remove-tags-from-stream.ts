import { STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { removeTags, TAG_KEYS } from './tags.ts';

export const removeTagsFromStream: Operation = {
  name: 'RemoveTagsFromStream',
  callsPerSecond: 5,
  members: { TagKeys: TAG_KEYS, ...STREAM },
  run(simulator, input) {
    removeTags(namedStream(simulator, input), input.texts('TagKeys'));
    return null;
  },
};
