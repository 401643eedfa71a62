/**
 * One run's coordinator. In: a plan and where to send. Out: merged counts and histograms, and how the run ended. It starts
 * the workers, opens the gate for all at one instant, merges their frames, and sees to it that the run ends: when the
 * schedule is over, when it is told to stop, or when a worker has died. Invariant: it resolves, whatever the workers do.
 */
import { type ClockOrigin, clockOrigin, monotonicNowUs, originAt } from '../core/clock.ts';
import { ShardstormError, toShardstormError } from '../core/errors.ts';
import type { ControlTarget } from '../load/control-calls.ts';
import type { Interval } from '../measure/interval.ts';
import { FrameMerger, type MergedEvent } from '../measure/merge.ts';
import { missedShare } from './missed-share.ts';
import type { PlannedPhase } from './planned-phases.ts';
import {
  type SharedTask,
  type WorkerExit,
  WorkerPool,
  type WorkerPoolOptions,
  type WorkerReport,
  type Workers,
} from './worker-pool.ts';

/** Workers that are not ready by then are named in the error. */
const READY_TIMEOUT_MS = 30_000;
/** From opening the gate to time 0, so that the target and every thread have the message before it is due. */
const GATE_DELAY_US = 200_000;
/** A start that was agreed on lies ahead: until then nothing has begun, and a signal leaves nothing behind. */
const GATE_EARLY_US = 1_000_000;
/** While it waits, it looks at the wall clock again, which may be set meanwhile. */
const START_LOOK_MS = 10_000;
/** After a worker has died, and after "now", the others get this long before their threads are ended. */
const GRACE_MS = 3_000;

export interface CoordinatorOptions {
  readonly task: SharedTask;
  /** Makes the calls about the stream that workers ask for. */
  readonly control: ControlTarget;
  readonly phases: readonly PlannedPhase[];
  /** Unix microseconds of time 0, agreed on with other shares of the run; null: as soon as all workers are ready. */
  readonly startAtUs: number | null;
  /** Called when the gate opens, before time 0; the workers hear of it when it has resolved. */
  readonly onStart: (origin: ClockOrigin) => Promise<void>;
  readonly onInterval: (interval: Interval) => void;
  readonly onEvent: (event: MergedEvent) => void;
  /** Starts the workers; default: threads. */
  readonly startWorkers?: (options: WorkerPoolOptions) => Workers;
  /** Each frame as it came, for a share's part of the merged result. */
  readonly onFrame?: (packed: Uint8Array) => void;
}

export interface RunOutcome {
  readonly merger: FrameMerger;
  readonly origin: ClockOrigin;
  readonly status: 'completed' | 'interrupted' | 'failed';
  /** One for each worker that died, and for frames that never came. */
  readonly failures: readonly ShardstormError[];
  /** From time 0 to the last worker's end. */
  readonly durationUs: number;
  /** When it was told to stop, or broke down; null: the schedule ran to its end. */
  readonly stoppedUs: number | null;
  /** Numbers of the shards at the start. */
  readonly openShards: readonly number[];
  /** Upper 32 bits of their first hash keys. */
  readonly openShardStarts: readonly number[];
}

/** Resolves all paths of one run's life into one promise. */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #merger: FrameMerger;
  readonly #pool: Workers;
  readonly #ready = new Set<number>();
  readonly #exits: WorkerExit[] = [];
  readonly #finished: Promise<void>;
  #finish: () => void = () => {};
  #openShards: readonly number[] = [];
  #openShardStarts: readonly number[] = [];
  #origin: ClockOrigin | null = null;
  #isInterrupted = false;
  #readyTimer: NodeJS.Timeout | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #endedUs = 0;
  #stoppedUs: number | null = null;
  readonly #breakdowns: ShardstormError[] = [];

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#merger = new FrameMerger({
      workers: options.task.workers,
      phases: options.phases,
      onInterval: options.onInterval,
      onEvent: options.onEvent,
    });
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#readyTimer = setTimeout(() => this.#notReady(), READY_TIMEOUT_MS);
    const start = options.startWorkers ?? ((pool: WorkerPoolOptions) => new WorkerPool(pool));
    this.#pool = start({
      task: options.task,
      control: options.control,
      onMessage: (worker, message) => this.#hear(worker, message),
      onExit: (exit) => this.#exited(exit),
      onBroken: (thrown) => {
        this.#breakdowns.push(toShardstormError(thrown));
        this.#noteStop();
        this.#finish();
      },
    });
  }

  /** `drain`: ends the load and waits for what is out; `now`: ends at once. Both leave a complete result. */
  stop(mode: 'drain' | 'now'): void {
    this.#isInterrupted = true;
    this.#noteStop();
    this.#pool.sendAll({ kind: 'stop', mode });
    if (mode === 'now') this.#endThreadsSoon();
  }

  /** The load has told enough: waits for what is out, and the run counts as completed. */
  endEarly(): void {
    this.#noteStop();
    this.#pool.sendAll({ kind: 'stop', mode: 'drain' });
  }

  /** Something that the run needs has broken down: ends it at once, as failed. */
  fail(error: ShardstormError): void {
    this.#breakdowns.push(error);
    this.#noteStop();
    this.#pool.sendAll({ kind: 'stop', mode: 'now' });
    this.#endThreadsSoon();
  }

  /**
   * The end of the run.
   * @throws ShardstormError when a worker could not start: nothing was measured
   */
  async run(): Promise<RunOutcome> {
    await this.#finished;
    clearTimeout(this.#readyTimer);
    clearTimeout(this.#startTimer);
    clearTimeout(this.#graceTimer);
    this.#merger.flush();
    await this.#pool.destroy();
    if (this.#origin === null) {
      throw this.#failures()[0] ?? stopped();
    }
    if (this.#exits.length < this.#options.task.workers) this.#endedUs = this.#nowUs();
    const failures = this.#failures();
    if (failures.length > 0) this.#merger.closeBooks();
    const hasFailed = failures.length > 0;
    return {
      merger: this.#merger,
      origin: this.#origin,
      status: hasFailed ? 'failed' : this.#isInterrupted ? 'interrupted' : 'completed',
      failures,
      durationUs: this.#endedUs,
      stoppedUs: this.#stoppedUs,
      openShards: this.#openShards,
      openShardStarts: this.#openShardStarts,
    };
  }

  /** The run as far as its frames tell, for thresholds that may end it. @param nowUs end of the last whole interval */
  soFar(nowUs: number): RunOutcome {
    return {
      merger: this.#merger,
      origin: this.#origin ?? clockOrigin(),
      status: 'completed',
      failures: [],
      durationUs: nowUs,
      stoppedUs: nowUs,
      openShards: this.#openShards,
      openShardStarts: this.#openShardStarts,
    };
  }

  #hear(worker: number, message: WorkerReport): void {
    if (message.kind === 'frame') {
      this.#merger.add(message.packed);
      this.#options.onFrame?.(message.packed);
      return;
    }
    this.#ready.add(worker);
    this.#openShards = message.openShards;
    this.#openShardStarts = message.openShardStarts;
    if (this.#ready.size < this.#options.task.workers) return;
    clearTimeout(this.#readyTimer);
    this.#awaitStart();
  }

  /** A start that has passed meanwhile stays time 0: what was due since then is late, and measured as late. */
  #awaitStart(): void {
    if (this.#exits.length > 0 || this.#isInterrupted) return;
    const { startAtUs } = this.#options;
    const earlyUs = startAtUs === null ? 0 : startAtUs - GATE_EARLY_US - clockOrigin().epochUs;
    if (earlyUs <= 0) {
      this.#openGate(startAtUs === null ? clockOrigin(GATE_DELAY_US) : originAt(startAtUs));
      return;
    }
    const waitMs = Math.min(Math.ceil(earlyUs / 1000), START_LOOK_MS);
    this.#startTimer = setTimeout(() => this.#awaitStart(), waitMs);
  }

  #openGate(origin: ClockOrigin): void {
    this.#options.onStart(origin).then(
      () => {
        // Stopped meanwhile: the workers have heard of that first.
        if (this.#isInterrupted || this.#breakdowns.length > 0) return;
        this.#origin = origin;
        this.#pool.sendAll({ kind: 'start', origin });
      },
      (thrown) => this.fail(toShardstormError(thrown)),
    );
  }

  #exited(exit: WorkerExit): void {
    this.#exits.push(exit);
    this.#endedUs = this.#nowUs();
    this.#merger.endWorker(exit.worker);
    if (exit.error !== null && this.#origin !== null) {
      const { worker, error } = exit;
      const event = { atUs: this.#nowUs(), worker, kind: 'worker-died', message: error.message };
      this.#options.onEvent(event);
    }
    if (this.#exits.length === this.#options.task.workers) {
      this.#finish();
      return;
    }
    if (exit.error === null && this.#origin !== null) return;
    // Without one of its workers the run is not the scenario any more.
    this.#noteStop();
    this.#pool.sendAll({ kind: 'stop', mode: 'drain' });
    this.#endThreadsSoon();
  }

  #noteStop(): void {
    if (this.#origin !== null) this.#stoppedUs ??= this.#nowUs();
  }

  /** Since time 0; 0 before it. */
  #nowUs(): number {
    return this.#origin === null ? 0 : Math.max(0, monotonicNowUs() - this.#origin.monotonicUs);
  }

  #notReady(): void {
    const { workers } = this.#options.task;
    const missing = Array.from({ length: workers }, (_, i) => i).filter((i) => !this.#ready.has(i));
    const message = `worker ${missing.join(', ')} of ${workers} was not ready within ${READY_TIMEOUT_MS / 1000} s`;
    this.#breakdowns.push(
      new ShardstormError('SHARDSTORM_WORKER_START', message, {
        hint: 'Use fewer workers (--workers), or check that the target answers ListShards.',
      }),
    );
    this.#finish();
  }

  /** First asks, then ends the threads: what they have told of is kept. */
  #endThreadsSoon(): void {
    this.#graceTimer ??= setTimeout(() => {
      this.#pool.sendAll({ kind: 'stop', mode: 'now' });
      this.#graceTimer = setTimeout(() => this.#finish(), GRACE_MS / 3);
    }, GRACE_MS);
  }

  /** A worker that died under load leaves a hole in the schedule, which is told with it. */
  #withMissedShare(worker: number, error: ShardstormError): ShardstormError {
    if (this.#origin === null) return error;
    const { workers, producers, plan } = this.#options.task;
    const lost = { worker, workers, producers, plan };
    const missed = missedShare(lost, this.#merger.toldUs(worker), this.#stoppedUs ?? this.#endedUs);
    const { code, message, hint, cause } = error;
    return new ShardstormError(code, `${message}; ${missed}`, { hint, cause });
  }

  #failures(): ShardstormError[] {
    const failures = this.#exits.flatMap((exit) =>
      exit.error === null ? [] : [this.#withMissedShare(exit.worker, exit.error)],
    );
    failures.unshift(...this.#breakdowns);
    if (this.#origin === null) return failures;
    const silent = this.#options.task.workers - this.#exits.length;
    if (silent > 0) failures.push(lost(`${silent} worker threads did not end and were ended`));
    const { missingFrames } = this.#merger;
    if (missingFrames > 0) failures.push(lost(`${missingFrames} frames of workers never came`));
    return failures;
  }
}

function lost(message: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_WORKER_DIED', message, {
    hint: 'What they had not told of is missing from the result.',
  });
}

function stopped(): ShardstormError {
  return new ShardstormError('SHARDSTORM_WORKER_START', 'the run was stopped before it began', {
    hint: 'Nothing was sent.',
  });
}
