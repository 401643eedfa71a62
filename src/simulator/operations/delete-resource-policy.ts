import type { Operation } from './operation.ts';
import { RESOURCE_ARN, resourceOf } from './resource.ts';

export const deleteResourcePolicy: Operation = {
  name: 'DeleteResourcePolicy',
  members: { ResourceARN: RESOURCE_ARN },
  run(simulator, input) {
    simulator.policies.delete(resourceOf(simulator, input).arn);
    return null;
  },
};
