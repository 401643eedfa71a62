import { invalidArgument, limitExceeded } from '../core/service-error.ts';
import type { Stream } from '../core/stream.ts';
import { required, STREAM } from './member.ts';
import { namedStream, type Operation, streamArn } from './operation.ts';
import { requireShardRoom } from './shard-quota.ts';
import { requireActive, requireProvisioned, update } from './stream-state.ts';

const DAY_MS = 86_400_000;
/** Successful calls in 24 hours. */
const RESCALES_PER_DAY = 10;
const SHARDS_PER_STREAM_MAX = 10_000;

export const updateShardCount: Operation = {
  name: 'UpdateShardCount',
  callsPerSecond: 10,
  members: {
    TargetShardCount: { type: 'integer', min: 1, isRequired: true },
    ScalingType: required({ type: 'string', values: ['UNIFORM_SCALING'] }),
    ...STREAM,
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireProvisioned(stream, 'UpdateShardCount');
    requireActive(simulator, stream);
    const target = input.integer('TargetShardCount') ?? 1;
    const current = stream.openShards.length;
    checkTarget(stream, current, target);
    requireShardRoom(simulator, target - current);
    const nowMs = simulator.nowMs();
    stream.rescalesMs = stream.rescalesMs.filter((atMs) => nowMs - atMs < DAY_MS);
    if (stream.rescalesMs.length >= RESCALES_PER_DAY && simulator.options.limits !== 'off') {
      throw limitExceeded(
        `Request would exceed the limit of ${RESCALES_PER_DAY} UpdateShardCount calls in 24 hours ` +
          `for stream ${stream.name} under account ${simulator.options.account}.`,
      );
    }
    stream.rescalesMs.push(nowMs);
    update(simulator, stream, () => stream.map.rescale(target, simulator.nowMs()));
    return {
      StreamName: stream.name,
      StreamARN: streamArn(simulator, stream),
      CurrentShardCount: current,
      TargetShardCount: target,
    };
  },
};

function checkTarget(stream: Stream, current: number, target: number): void {
  const problem =
    target > current * 2
      ? 'cannot be more than double the current shard count'
      : target < current / 2
        ? 'cannot be less than half of the current shard count'
        : target > SHARDS_PER_STREAM_MAX
          ? `cannot be more than ${SHARDS_PER_STREAM_MAX}`
          : null;
  if (problem === null) return;
  throw invalidArgument(
    `UpdateShardCount of stream ${stream.name} to ${target} from ${current}: the target ${problem}.`,
  );
}
