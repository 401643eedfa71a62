import { EXIT } from './errors.ts';

export interface Interrupts {
  /** Exit code of the first signal; null when there was none. */
  readonly exitCode: () => number | null;
  /** Resolves at the first signal. */
  readonly first: Promise<void>;
  /** Gives the signals back to the system's own behaviour. */
  readonly release: () => void;
}

/**
 * Ctrl-C, SIGTERM, and SIGHUP of a terminal that closed: the first drains, the second stops now, and the third is the
 * system's own, for a program that hangs. Either way the result is written.
 */
export function listenForInterrupts(stop: (mode: 'drain' | 'now') => void): Interrupts {
  let exitCode: number | null = null;
  let count = 0;
  let resolveFirst: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    resolveFirst = resolve;
  });
  const hear = (code: number) => () => {
    exitCode ??= code;
    count++;
    resolveFirst();
    stop(count === 1 ? 'drain' : 'now');
    if (count >= 2) release();
  };
  const onInterrupt = hear(EXIT.interrupted);
  const onTerminate = hear(EXIT.terminated);
  const release = () => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
    process.off('SIGHUP', onTerminate);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.on('SIGHUP', onTerminate);
  return { exitCode: () => exitCode, first, release };
}

/** A signal came before the load began: there is nothing to report. */
export class StoppedBeforeStart extends Error {
  override readonly name = 'StoppedBeforeStart';
  readonly exitCode: number;

  constructor(exitCode: number, message = 'stopped before the load began: nothing was sent') {
    super(message);
    this.exitCode = exitCode;
  }
}
