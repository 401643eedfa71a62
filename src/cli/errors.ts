import { type ErrorCode, ShardstormError, toShardstormError } from '../core/errors.ts';
import type { CommandIo } from './command.ts';

/** Exit codes of the contract. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  target: 3,
  invalidRun: 4,
  thresholdFailed: 99,
  interrupted: 130,
  terminated: 143,
} as const;

/**
 * The exit code of each error. Results that cannot be read or written count as usage: the folder was named by the user,
 * and it is tried before anything is sent. Once something was sent it is no usage error any more: a measured run that could
 * not be kept must not look like one that never began, nor like a result, nor like a bug. This machine failed it, as one
 * whose load thread died.
 */
const EXIT_OF: Readonly<Record<ErrorCode, number>> = {
  SHARDSTORM_SCENARIO_UNREADABLE: EXIT.usage,
  SHARDSTORM_SCENARIO_SYNTAX: EXIT.usage,
  SHARDSTORM_SCENARIO_INVALID: EXIT.usage,
  SHARDSTORM_CLI_USAGE: EXIT.usage,
  SHARDSTORM_CLI_COST_NOT_CONFIRMED: EXIT.usage,
  SHARDSTORM_TRANSPORT_UNREACHABLE: EXIT.target,
  SHARDSTORM_CREDENTIALS_MISSING: EXIT.target,
  SHARDSTORM_CREDENTIALS_REFUSED: EXIT.target,
  SHARDSTORM_SERVICE_STREAM_MISSING: EXIT.target,
  SHARDSTORM_SERVICE_ERROR: EXIT.target,
  SHARDSTORM_WORKER_DIED: EXIT.invalidRun,
  SHARDSTORM_WORKER_START: EXIT.invalidRun,
  SHARDSTORM_RESULTS_UNWRITABLE: EXIT.usage,
  SHARDSTORM_RESULTS_INCOMPLETE: EXIT.invalidRun,
  SHARDSTORM_RESULTS_UNREADABLE: EXIT.usage,
  SHARDSTORM_SIMULATOR_USAGE: EXIT.usage,
  SHARDSTORM_SIMULATOR_LISTEN: EXIT.usage,
  SHARDSTORM_PRODUCER_USAGE: EXIT.usage,
  // These are for users of the library; the program itself never ends with them.
  SHARDSTORM_PRODUCER_CLOSED: EXIT.usage,
  SHARDSTORM_PRODUCER_FULL: EXIT.target,
  SHARDSTORM_RECORD_FAILED: EXIT.target,
  SHARDSTORM_RECORD_EXPIRED: EXIT.target,
  SHARDSTORM_INTERNAL: EXIT.internal,
};

/** The exit code that an error ends the program with. */
export function exitCodeOf(error: ShardstormError): number {
  return EXIT_OF[error.code];
}

/** What could not be written after something was measured, such as the next run's folder: that is no usage error any more. */
export function onceMeasured(thrown: unknown): unknown {
  if (!(thrown instanceof ShardstormError)) return thrown;
  const { code, message, hint, cause } = thrown;
  return code === 'SHARDSTORM_RESULTS_UNWRITABLE'
    ? new ShardstormError('SHARDSTORM_RESULTS_INCOMPLETE', message, { hint, cause })
    : thrown;
}

/** Tells of what went wrong without spoiling the result, whatever `--quiet` says. */
export function warnOf(error: ShardstormError | null, { stderr }: CommandIo): void {
  if (error === null) return;
  stderr.write(`warning: ${error.message}\nhint: ${error.hint}\n`);
}

/** A wrong flag or argument. */
export function usageError(message: string, hint: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_CLI_USAGE', message, { hint });
}

/**
 * Prints anything thrown as `error [CODE] message` and `hint: …`; the stack only when asked.
 * @returns the exit code
 */
export function reportError(
  thrown: unknown,
  { stderr }: Pick<CommandIo, 'stderr'>,
  isVerbose: boolean,
): number {
  const error = toShardstormError(thrown);
  stderr.write(`error [${error.code}] ${error.message}\nhint: ${error.hint}\n`);
  if (isVerbose) {
    const origin = error.cause instanceof Error ? error.cause : error;
    stderr.write(`${origin.stack ?? String(origin)}\n`);
  }
  return exitCodeOf(error);
}
