import { SHARD_OPERATIONS } from './operations.ts';

/**
 * Misbehaviour that a scenario can plan for the embedded simulator. One list below both, so that the scenario's schema
 * never accepts a kind that the simulator does not act on.
 */
export const FAULT_KINDS = [
  /** A record is refused with ProvisionedThroughputExceededException, whatever its shard's buckets hold. */
  'throttle',
  /** A record is refused with InternalFailure. */
  'internal-failure',
  /** The whole call fails with HTTP 500. */
  'call-500',
  /** The whole call fails with HTTP 503. */
  'call-503',
  /** The whole call is throttled, with HTTP 400. */
  'call-throttle',
  /** The whole call fails because the credentials' session ended. */
  'expired-token',
  /** The whole call fails because the caller's clock is said to be wrong. */
  'clock-skew',
  /** Records are stored and the answer ends in the middle: a retry makes duplicates. */
  'truncated-body',
  /** Records are stored and the answer holds one result too few. */
  'wrong-record-count',
  /** Answers wait: to the end of the window, or by chance for as long as the rule says. */
  'stall',
  /** Calls that hold records of these shards take much longer. */
  'slow-shard',
  /** The connection is cut before the records are stored. */
  'reset-before',
  /** The connection is cut after the records are stored: a retry makes duplicates. */
  'reset-after',
  /** An accepted record is not stored: what a reader must find missing. The service never does that. */
  'drop-after-accept',
  /** An accepted record is stored twice, though its answer came. */
  'duplicate-record',
  /** One bit of an accepted record's data is stored wrong. */
  'corrupt-byte',
  /** An accepted record and the next one of its call in the same shard are stored in each other's place. */
  'swap-order',
  /** A shard is split in the middle, once. */
  'split-shard',
  /** Two neighbouring shards become one, once. */
  'merge-shards',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Kinds that change the shard map, once. */
const RESHARDS: readonly string[] = ['split-shard', 'merge-shards'];
/** Kinds that are about records which were accepted. */
export const DAMAGE_KINDS: readonly FaultKind[] = [
  'drop-after-accept',
  'duplicate-record',
  'corrupt-byte',
  'swap-order',
];

/** Why a fault of this kind can never fire for this operation and these shards; null: it can. */
export function neverFires(fault: {
  readonly kind: string;
  readonly operation: string | null;
  readonly shards: readonly number[] | null;
}): string | null {
  const { kind, operation, shards } = fault;
  if (operation === null) return null;
  if (RESHARDS.includes(kind)) return `${kind} is about no operation`;
  if (kind === 'wrong-record-count' && operation !== 'PutRecords') {
    return `${kind} is about PutRecords only`;
  }
  const isDamage = DAMAGE_KINDS.some((damage) => damage === kind);
  if (isDamage && operation !== 'PutRecords' && operation !== 'PutRecord') {
    return `${kind} is about PutRecords and PutRecord only`;
  }
  if (shards !== null && !SHARD_OPERATIONS.includes(operation)) {
    return `${operation} is about no shard, and the fault names some`;
  }
  return null;
}
