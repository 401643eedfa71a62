import type { Operation } from './operation.ts';
import { RESOURCE_ARN, resourceOf } from './resource.ts';
import { tagList } from './tags.ts';

export const listTagsForResource: Operation = {
  name: 'ListTagsForResource',
  callsPerSecond: 5,
  members: { ResourceARN: RESOURCE_ARN },
  run(simulator, input) {
    const { stream, consumer } = resourceOf(simulator, input);
    return { Tags: tagList((consumer ?? stream).tags) };
  },
};
