/** Thrown by {@link assert} and {@link unreachable}: a bug in this program, not in its input. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops the program at a broken invariant. Not for input: bad input is a ShardstormError. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Ends a `switch` over a union: the compiler proves it is never reached, the run-time check defends it. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value: ${String(value)}`);
}

/** The value, proved present. For array reads whose index is in range by construction. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new AssertionError(`missing ${what}`);
  return value;
}
