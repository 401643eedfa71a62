import { changeMetrics, METRIC_MEMBERS, namedMetrics } from './enhanced-monitoring.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireActive } from './stream-state.ts';

export const enableEnhancedMonitoring: Operation = {
  name: 'EnableEnhancedMonitoring',
  callsPerSecond: 5,
  members: METRIC_MEMBERS,
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireActive(simulator, stream);
    const desired = new Set([...stream.metrics, ...namedMetrics(input)]);
    return changeMetrics(simulator, stream, desired);
  },
};
