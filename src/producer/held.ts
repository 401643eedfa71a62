/** What one producer has taken and not settled. */
export class Held {
  /** User records. */
  outstanding = 0;
  /** Payloads, keys and overhead of those, and the bodies of calls under way. */
  bufferedBytes = 0;
}
