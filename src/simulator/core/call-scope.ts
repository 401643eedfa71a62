/** What is known of a call before it is carried out: what faults go by. */
export interface CallScope {
  readonly operation: string;
  /** Shards that it is about: the first `count` entries; none for an operation on a stream. */
  readonly count: number;
  readonly shard: ArrayLike<number>;
  /** Unix milliseconds at which the client says that it signed; null when it does not say. */
  readonly signedAtMs: number | null;
  /** Set by a fault: how far from the truth the answer's clock is. */
  dateShiftMs: number;
}
