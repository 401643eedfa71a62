import { commitmentShape } from './billing-commitment.ts';
import type { Operation } from './operation.ts';

export const describeAccountSettings: Operation = {
  name: 'DescribeAccountSettings',
  callsPerSecond: 5,
  members: {},
  run(simulator) {
    return commitmentShape(simulator);
  },
};
