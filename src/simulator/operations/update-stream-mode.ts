import { limitExceeded } from '../core/service-error.ts';
import { required, STREAM_ARN } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireActive, update } from './stream-state.ts';

const DAY_MS = 86_400_000;
/** Changes of mode in 24 hours. */
const CHANGES_PER_DAY = 2;

export const updateStreamMode: Operation = {
  name: 'UpdateStreamMode',
  members: {
    StreamARN: required(STREAM_ARN),
    StreamModeDetails: {
      type: 'structure',
      isRequired: true,
      members: {
        StreamMode: { type: 'string', isRequired: true, values: ['PROVISIONED', 'ON_DEMAND'] },
      },
    },
    WarmThroughputMiBps: { type: 'integer', min: 0 },
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireActive(simulator, stream);
    const nowMs = simulator.nowMs();
    stream.modeChangesMs = stream.modeChangesMs.filter((atMs) => nowMs - atMs < DAY_MS);
    if (stream.modeChangesMs.length >= CHANGES_PER_DAY && simulator.options.limits !== 'off') {
      throw limitExceeded(
        `Stream ${stream.name} under account ${simulator.options.account} has changed its mode ` +
          `${CHANGES_PER_DAY} times within 24 hours.`,
      );
    }
    stream.modeChangesMs.push(nowMs);
    const mode = input.structure('StreamModeDetails')?.text('StreamMode');
    update(simulator, stream, () => {
      stream.mode = mode === 'ON_DEMAND' ? 'ON_DEMAND' : 'PROVISIONED';
      stream.warmThroughputMiBps = input.integer('WarmThroughputMiBps') ?? null;
      if (stream.mode === 'PROVISIONED') stream.distribution = 'USER_PARTITION_KEY';
    });
    return null;
  },
};
