/** What no single field can tell: contradictions between the fields of a plan. */

import { didYouMean } from '../core/nearest.ts';
import { neverFires } from '../kinesis/faults.ts';
import { RECORD_BYTES_DEFAULT_MAX } from '../kinesis/limits.ts';
import { JSON_STAMP_MEMBER, JSON_STAMP_TEXT_BYTES, STAMP_BYTES } from '../kinesis/stamp.ts';
import { checkPhases } from './check-phases.ts';
import type {
  FaultPlan,
  LatencyPlan,
  PartitionKeyPlan,
  Plan,
  RecordKindPlan,
  SizePlan,
} from './plan.ts';
import { type FieldPath, type Problem, problem } from './problems.ts';
import type { ScenarioInput } from './schema.ts';

/** `{"_stamp":"…"}`: the shortest JSON payload with a stamp. */
const JSON_STAMP_PAYLOAD_BYTES = JSON_STAMP_MEMBER.length + JSON_STAMP_TEXT_BYTES + 4;
/**
 * The contradictions in a plan.
 * @param input the sections it was resolved from: tells what was said from what is a default
 * @param fileExists whether a file that the plan names is there
 */
export function checkPlan(
  plan: Plan,
  input: ScenarioInput,
  fileExists: (file: string) => boolean,
): Problem[] {
  return [
    ...checkTarget(plan, input),
    ...plan.target.simulator.faults.flatMap((fault, index) => checkFault(fault, index, plan)),
    ...checkPhases(plan.load, fileExists),
    ...plan.records.flatMap((kind, index) =>
      checkRecordKind(kind, kindPath(input, index), fileExists),
    ),
    ...checkProducer(plan, input),
    ...checkThresholdPhases(plan),
    ...checkVerify(plan, input),
  ];
}

const kindPath = (input: ScenarioInput, index: number): FieldPath =>
  Array.isArray(input.records) ? ['records', index] : ['records'];

/** Only stamps tell a run's records apart, and only a stream can be read back. */
function checkVerify({ verify, target, records }: Plan, input: ScenarioInput): Problem[] {
  if (verify === null) return [];
  const problems: Problem[] = [];
  for (const [index, { stamp }] of records.entries()) {
    if (stamp) continue;
    const path = [...kindPath(input, index), 'stamp'];
    problems.push(problem(path, 'must be true: verify tells records apart by their stamps'));
  }
  if (target.kind === 'null') {
    problems.push(problem(['verify'], 'nothing can be read back from the target null'));
  }
  return problems;
}

function checkTarget({ target }: Plan, input: ScenarioInput): Problem[] {
  const problems: Problem[] = [];
  const isRemote = target.kind === 'aws' || target.kind === 'endpoint';
  if (target.kind === 'endpoint' && target.endpoint === null) {
    problems.push(problem(['target', 'endpoint'], 'missing; kind: endpoint needs its URL'));
  }
  if (target.kind !== 'endpoint' && target.endpoint !== null) {
    const message = `only for kind: endpoint, and the kind is ${target.kind}`;
    problems.push(problem(['target', 'endpoint'], message));
  }
  if (isRemote && input.target?.stream === undefined) {
    problems.push(problem(['target', 'stream'], `missing; kind: ${target.kind} needs a stream`));
  }
  const { latency } = target.simulator;
  const place = ['target', 'simulator', 'latency'];
  problems.push(...checkLatency(latency, place));
  for (const [name, of] of Object.entries(latency.operations ?? {})) {
    problems.push(...checkLatency(of, [...place, 'operations', name]));
  }
  return problems;
}

function checkLatency(latency: LatencyPlan, place: string[]): Problem[] {
  if (latency.kind !== 'lognormal' || latency.p99Us >= latency.medianUs) return [];
  return [problem([...place, 'p99'], 'less than the median')];
}

const isReshard = ({ kind }: FaultPlan) => kind === 'split-shard' || kind === 'merge-shards';

function checkFault(fault: FaultPlan, index: number, plan: Plan): Problem[] {
  const path = ['target', 'simulator', 'faults', index];
  const { shards, mode, faults } = plan.target.simulator;
  const problems = isReshard(fault) ? checkReshard(fault, path) : checkMoment(fault, path);
  const never = neverFires(fault);
  if (never !== null) problems.push(problem([...path, 'operation'], never));
  const beyond = fault.shards?.find((shard) => shard >= shards);
  if (beyond !== undefined && mode === 'provisioned' && !faults.some(isReshard)) {
    problems.push(problem(path, `shard ${beyond}: the simulator has shards 0 to ${shards - 1}`));
  }
  return problems;
}

/** Splits and merges happen once, to shards that are named. */
function checkReshard(fault: FaultPlan, path: FieldPath): Problem[] {
  const problems: Problem[] = [];
  if (fault.atUs === null) {
    problems.push(problem([...path, 'at'], `missing; ${fault.kind} happens once, at a time`));
  }
  if (fault.rate !== null) {
    problems.push(problem([...path, 'rate'], `${fault.kind} happens once and has no rate`));
  }
  const wanted = fault.kind === 'split-shard' ? 'one shard, shard: 0' : 'two, shards: [0, 1]';
  if (fault.shards?.length !== (fault.kind === 'split-shard' ? 1 : 2)) {
    problems.push(problem(path, `${fault.kind} needs ${wanted}`));
  }
  return problems;
}

function checkMoment(fault: FaultPlan, path: FieldPath): Problem[] {
  if (fault.rate === null && fault.atUs === null) {
    return [problem(path, 'needs a rate, or a time window with at and for')];
  }
  // Only a stall by chance has a length without a beginning: each one lasts that long.
  if (fault.atUs === null && fault.forUs !== null && fault.kind !== 'stall') {
    return [problem([...path, 'at'], 'missing; with for, when the window begins')];
  }
  return [];
}

function checkRecordKind(
  { payload, partitionKey, stamp }: RecordKindPlan,
  path: FieldPath,
  fileExists: (file: string) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  if (payload.kind === 'file') {
    if (!fileExists(payload.file)) {
      problems.push(problem([...path, 'payload', 'file'], `no such file: ${payload.file}`));
    }
  } else if (partitionKey.kind === 'column') {
    const message = 'column needs a payload of kind file, whose column it is';
    problems.push(problem([...path, 'partitionKey', 'kind'], message));
  }
  if (payload.kind === 'file' || payload.size === null) return problems;
  const sizePath = [...path, 'payload', 'size'];
  const { minBytes, maxBytes } = sizeRange(payload.size);
  problems.push(...checkSize(payload.size, sizePath));
  const needed = payload.kind === 'json' ? JSON_STAMP_PAYLOAD_BYTES : STAMP_BYTES;
  if (stamp && minBytes < needed) {
    const message = `${minBytes} bytes is less than the ${needed} that the stamp needs; use at least ${needed}B, or stamp: false`;
    problems.push(problem(sizePath, message));
  }
  const keyBytes = keyBytesMax(partitionKey);
  if (maxBytes + keyBytes > RECORD_BYTES_DEFAULT_MAX) {
    const message = `${maxBytes} bytes and a partition key of up to ${keyBytes} are more than the 1 MiB of a record`;
    problems.push(problem(sizePath, message));
  }
  return problems;
}

function checkSize(size: SizePlan, path: FieldPath): Problem[] {
  if (size.kind === 'uniform' && size.maxBytes < size.minBytes) {
    return [problem([...path, 'max'], 'less than min')];
  }
  if (size.kind !== 'lognormal') return [];
  if (size.medianBytes === 0)
    return [problem([...path, 'median'], 'a log-normal size needs a median above 0')];
  if (size.p99Bytes < size.medianBytes) return [problem([...path, 'p99'], 'less than the median')];
  if (size.maxBytes < size.p99Bytes) return [problem([...path, 'max'], 'less than p99')];
  return [];
}

/** Least and largest payload. A log-normal is drawn no shorter than its stamp, so only its median counts. */
function sizeRange(size: SizePlan): { readonly minBytes: number; readonly maxBytes: number } {
  switch (size.kind) {
    case 'fixed':
      return { minBytes: size.bytes, maxBytes: size.bytes };
    case 'uniform':
      return size;
    case 'lognormal':
      return { minBytes: size.medianBytes, maxBytes: size.maxBytes };
    default: {
      const bytes = size.sizes.map((entry) => entry.bytes);
      return { minBytes: Math.min(...bytes), maxBytes: Math.max(...bytes) };
    }
  }
}

function keyBytesMax(key: PartitionKeyPlan): number {
  if (key.kind === 'template' || key.kind === 'column') return 0;
  const numbers = key.cardinality + (key.kind === 'hot' ? key.keys : 0);
  return Buffer.byteLength(key.prefix) + String(numbers).length;
}

function checkProducer({ producer }: Plan, input: ScenarioInput): Problem[] {
  const problems: Problem[] = [];
  if (producer.transport === 'sdk' && input.producer?.protocol === 'cbor') {
    const message = 'the AWS SDK speaks json; cbor is for transport: direct';
    problems.push(problem(['producer', 'protocol'], message));
  }
  if (producer.ordered && producer.aggregateBy === 'key') {
    const message = 'key does not go with producer.ordered, whose unit is the shard; say shard';
    problems.push(problem(['producer', 'aggregateBy'], message));
  }
  const { aggregation, collection } = producer;
  if (aggregation.enabled && aggregation.maxBytes > collection.maxBytes) {
    const message = `an aggregate of ${aggregation.maxBytes} bytes does not fit a request of ${collection.maxBytes} (producer.collection.maxSize)`;
    problems.push(problem(['producer', 'aggregation', 'maxSize'], message));
  }
  if (producer.recordTtlUs < producer.maxBufferedTimeUs) {
    const message = 'less than maxBufferedTime: records would expire in the buffer';
    problems.push(problem(['producer', 'recordTtl'], message));
  }
  return problems;
}

function checkThresholdPhases({ thresholds, load }: Plan): Problem[] {
  const names = load.phases.map(({ name }) => name);
  return thresholds.flatMap(({ phase }, index) =>
    phase === null || names.includes(phase)
      ? []
      : [
          problem(
            ['thresholds', index, 'phase'],
            `no phase "${phase}"${didYouMean(phase, names) || ';'} the phases are ${names.join(', ')}`,
          ),
        ],
  );
}
