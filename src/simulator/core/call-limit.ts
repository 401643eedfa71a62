const SECOND_US = 1_000_000;

/** Calls of one operation: `perSecond` of them, as many at once. */
class CallBucket {
  readonly #perSecond: number;
  #tokens: number;
  #updatedUs = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  take(nowUs: number): boolean {
    const refill = (Math.max(0, nowUs - this.#updatedUs) / SECOND_US) * this.#perSecond;
    this.#updatedUs = nowUs;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + refill);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Scopes that are kept; past it the oldest starts anew. */
const SCOPES_MAX = 10_000;

/** The call rates of the control plane, for an account or for one stream. */
export class CallLimits {
  readonly #buckets = new Map<string, CallBucket>();

  /** @param scope operation, and what its rate is counted for */
  take(scope: string, perSecond: number, nowUs: number): boolean {
    let bucket = this.#buckets.get(scope);
    if (bucket === undefined) {
      if (this.#buckets.size >= SCOPES_MAX) this.#buckets.clear();
      bucket = new CallBucket(perSecond);
      this.#buckets.set(scope, bucket);
    }
    return bucket.take(nowUs);
  }
}
