import { changeMetrics, METRIC_MEMBERS, namedMetrics } from './enhanced-monitoring.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireActive } from './stream-state.ts';

export const disableEnhancedMonitoring: Operation = {
  name: 'DisableEnhancedMonitoring',
  callsPerSecond: 5,
  members: METRIC_MEMBERS,
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireActive(simulator, stream);
    const off = new Set(namedMetrics(input));
    const desired = new Set([...stream.metrics].filter((name) => !off.has(name)));
    return changeMetrics(simulator, stream, desired);
  },
};
