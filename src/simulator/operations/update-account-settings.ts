import { commitmentShape } from './billing-commitment.ts';
import type { Operation } from './operation.ts';

export const updateAccountSettings: Operation = {
  name: 'UpdateAccountSettings',
  callsPerSecond: 5,
  members: {
    MinimumThroughputBillingCommitment: {
      type: 'structure',
      isRequired: true,
      members: { Status: { type: 'string', isRequired: true, values: ['ENABLED', 'DISABLED'] } },
    },
  },
  run(simulator, input) {
    const status = input.structure('MinimumThroughputBillingCommitment')?.text('Status');
    if (status === 'DISABLED') simulator.commitmentStartedMs = null;
    else simulator.commitmentStartedMs ??= simulator.nowMs();
    return commitmentShape(simulator);
  },
};
