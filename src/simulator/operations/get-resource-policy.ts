import type { Operation } from './operation.ts';
import { RESOURCE_ARN, resourceOf } from './resource.ts';

export const getResourcePolicy: Operation = {
  name: 'GetResourcePolicy',
  members: { ResourceARN: RESOURCE_ARN },
  run(simulator, input) {
    return { Policy: simulator.policies.get(resourceOf(simulator, input).arn) ?? '' };
  },
};
