import type { Operation } from './operation.ts';
import { RESOURCE_ARN, resourceOf } from './resource.ts';
import { addTags, TAG_MAP } from './tags.ts';

export const tagResource: Operation = {
  name: 'TagResource',
  callsPerSecond: 5,
  members: { Tags: TAG_MAP, ResourceARN: RESOURCE_ARN },
  run(simulator, input) {
    const { stream, consumer } = resourceOf(simulator, input);
    addTags(simulator, consumer ?? stream, stream.name, input.textMap('Tags'));
    return null;
  },
};
