/**
 * Misbehaviour that a scenario can plan for the embedded simulator: the names that the scenario's schema accepts and the
 * simulator acts on. One list, so that neither knows a kind that the other does not.
 */
export const FAULT_KINDS = [
  /** A record is refused with ProvisionedThroughputExceededException, whatever its shard's buckets hold. */
  'throttle',
  /** A record is refused with InternalFailure. */
  'internal-failure',
  /** The whole call fails: HTTP 500 InternalFailure. */
  'call-internal-failure',
  /** The whole call fails: HTTP 503 ServiceUnavailable. */
  'call-unavailable',
  /** The whole call fails: HTTP 400 ProvisionedThroughputExceededException. */
  'call-throttle',
  /** The whole call fails: HTTP 400 ExpiredTokenException. */
  'expired-token',
  /** No answer leaves until the window ends. Needs `at` and `for`. */
  'stall',
  /** The connection is cut before the records are stored. */
  'reset-before',
  /** The connection is cut after the records are stored: a retry makes duplicates. */
  'reset-after',
  /** The answer's body ends early. */
  'truncated-body',
  /** The answer has one record too few. */
  'wrong-count',
  /** A shard is split in the middle. Needs `at` and one shard. */
  'split-shard',
  /** Two neighbouring shards become one. Needs `at` and two shards. */
  'merge-shards',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
