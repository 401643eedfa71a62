import type { Operation } from './operation.ts';
import { RESOURCE_ARN, resourceOf } from './resource.ts';

/** Kept and given back; nothing is refused for a policy. */
export const putResourcePolicy: Operation = {
  name: 'PutResourcePolicy',
  members: { ResourceARN: RESOURCE_ARN, Policy: { type: 'string', isRequired: true } },
  run(simulator, input) {
    simulator.policies.set(resourceOf(simulator, input).arn, input.requiredText('Policy'));
    return null;
  },
};
