import type { OnSettled, RecordError, RecordResult } from './results.ts';

/** Who waits for the end of a record. */
export interface Waiter {
  readonly resolve: (result: RecordResult) => void;
  readonly reject: (error: RecordError | null) => void;
}

/** Ends a promise; the token is its {@link Waiter}. One function for all, so that none is made for a put. */
export const settleWaiter: OnSettled = (error, result, token) => {
  const { resolve, reject } = token as Waiter;
  if (result === null) reject(error);
  else resolve(result);
};
