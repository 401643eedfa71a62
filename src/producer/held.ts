/** What one producer has taken and not settled. */
export class Held {
  /** User records. */
  outstanding = 0;
  /** Payloads, keys and overhead of those, each with its part of the body that is to carry it. */
  bufferedBytes = 0;
}
