/**
 * Operating errors: expected, typed, with a remedy. In: a code from the list below. Out: one error class whose identity
 * survives a thread or a socket as plain data. Programmer errors are `assert` failures; the outcome of a record is a
 * number, never an exception.
 */

/** Every cause an operating error can have, `SHARDSTORM_<AREA>_<WHAT>`. */
export const ERROR_CODES = [
  'SHARDSTORM_SCENARIO_UNREADABLE',
  'SHARDSTORM_SCENARIO_SYNTAX',
  'SHARDSTORM_SCENARIO_INVALID',
  'SHARDSTORM_CLI_USAGE',
  'SHARDSTORM_CLI_COST_NOT_CONFIRMED',
  'SHARDSTORM_TRANSPORT_UNREACHABLE',
  'SHARDSTORM_CREDENTIALS_MISSING',
  'SHARDSTORM_CREDENTIALS_REFUSED',
  'SHARDSTORM_SERVICE_STREAM_MISSING',
  'SHARDSTORM_SERVICE_ERROR',
  'SHARDSTORM_WORKER_DIED',
  'SHARDSTORM_WORKER_START',
  'SHARDSTORM_RESULTS_UNWRITABLE',
  'SHARDSTORM_RESULTS_INCOMPLETE',
  'SHARDSTORM_RESULTS_UNREADABLE',
  'SHARDSTORM_SIMULATOR_USAGE',
  'SHARDSTORM_SIMULATOR_LISTEN',
  'SHARDSTORM_PRODUCER_USAGE',
  'SHARDSTORM_PRODUCER_CLOSED',
  'SHARDSTORM_PRODUCER_FULL',
  'SHARDSTORM_RECORD_FAILED',
  'SHARDSTORM_RECORD_EXPIRED',
  'SHARDSTORM_INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error as it crosses a thread or a socket: structured clone would lose the class, the code and the hint. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly cause?: string;
}

export interface ErrorOptions {
  /** The next step: a flag, a field or a command. */
  readonly hint: string;
  /** Whether the same call can succeed later. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** An expected failure: what failed with which value (message) and what to do about it (hint). */
export class ShardstormError extends Error {
  override readonly name = 'ShardstormError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
  }

  toJSON(): ErrorData {
    const data: ErrorData = {
      code: this.code,
      message: this.message,
      hint: this.hint,
      retryable: this.retryable,
    };
    return this.cause === undefined ? data : { ...data, cause: describeCause(this.cause) };
  }

  /** The inverse of {@link toJSON}. */
  static fromJSON(data: ErrorData): ShardstormError {
    return new ShardstormError(data.code, data.message, {
      hint: data.hint,
      retryable: data.retryable,
      cause: data.cause,
    });
  }
}

/** A one-line text for anything thrown: never a stack, never empty. */
export function describeCause(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return describeCause(thrown.errors[0]);
  }
  if (thrown instanceof Error) {
    const code = (thrown as { code?: unknown }).code;
    const text = thrown.message === '' ? thrown.name : thrown.message;
    return typeof code === 'string' && !text.includes(code) ? `${code}: ${text}` : text;
  }
  return String(thrown);
}

/** Any thrown value as an operating error; what is not one already becomes `SHARDSTORM_INTERNAL`. */
export function toShardstormError(thrown: unknown): ShardstormError {
  if (thrown instanceof ShardstormError) return thrown;
  return new ShardstormError('SHARDSTORM_INTERNAL', describeCause(thrown), {
    hint: 'This is a bug. Run again with --verbose and report the output.',
    cause: thrown,
  });
}
