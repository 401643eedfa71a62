import type { Operation } from './operation.ts';
import { RESOURCE_ARN, resourceOf } from './resource.ts';
import { removeTags, TAG_KEYS } from './tags.ts';

export const untagResource: Operation = {
  name: 'UntagResource',
  callsPerSecond: 5,
  members: { TagKeys: TAG_KEYS, ResourceARN: RESOURCE_ARN },
  run(simulator, input) {
    const { stream, consumer } = resourceOf(simulator, input);
    removeTags(consumer ?? stream, input.texts('TagKeys'));
    return null;
  },
};
