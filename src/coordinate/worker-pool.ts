import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { answerControlCall, type ControlCall, type ControlTarget } from '../load/control-calls.ts';
import type { FromWorker, ToWorker, WorkerEnd, WorkerTask } from '../load/protocol.ts';

/** The part of a worker's task that differs from worker to worker is filled in by the pool. */
export type SharedTask = Omit<WorkerTask, 'port' | 'worker'>;

/** What a worker tells, but for the calls that it has made for it. */
export type WorkerReport = Exclude<FromWorker, ControlCall>;

/** How one worker's task ended: by itself, with an error it told of, or because the thread is gone. */
export interface WorkerExit {
  readonly worker: number;
  readonly error: ShardstormError | null;
}

export interface WorkerPoolOptions {
  readonly task: SharedTask;
  /** Makes the calls that workers ask for; these are not among the messages. */
  readonly control: ControlTarget;
  readonly onMessage: (worker: number, message: WorkerReport) => void;
  /** Called once for each worker, after its last message. */
  readonly onExit: (exit: WorkerExit) => void;
  /** What was called threw: a bug of this program, which must not leave the run without an end. */
  readonly onBroken: (thrown: unknown) => void;
}

/** The workers of a run, under way. */
export interface Workers {
  sendAll(message: ToWorker): void;
  /** Ends all of them, whatever they do. */
  destroy(): Promise<void>;
}

/**
 * Our own transports leave next to no garbage for a record, so a small young generation costs no CPU that could be measured,
 * and a thread whose target stalls keeps less than Node's 48 MB of it.
 */
const LIMITS = { maxYoungGenerationSizeMb: 4 } as const;

/**
 * The load threads: a piscina pool in which every thread runs one task for the whole run, so nothing is queued and
 * `atomics` is off (a thread that waits for tasks would stop its own sockets).
 */
export class WorkerPool implements Workers {
  readonly #pool: Piscina;
  readonly #ports: MessagePort[] = [];

  constructor(options: WorkerPoolOptions) {
    const { workers } = options.task;
    const extension = extname(import.meta.url);
    const entry = new URL(`../../workers/load.worker${extension}`, import.meta.url);
    this.#pool = new Piscina({
      filename: fileURLToPath(entry),
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      idleTimeout: Number.POSITIVE_INFINITY,
      // The SDK makes objects for every record, and is measured as its users have it.
      ...(options.task.transport.kind === 'sdk' ? {} : { resourceLimits: LIMITS }),
      // From source (tests), threads need a loader for TypeScript.
      ...(extension === '.ts' ? { execArgv: ['--import', 'tsx'] } : {}),
    });
    this.#pool.on('error', () => {
      // The failed thread's task rejects as well, and that is where it is told of.
    });
    for (let worker = 0; worker < workers; worker++) this.#run(worker, options);
  }

  sendAll(message: ToWorker): void {
    for (const port of this.#ports) port.postMessage(message);
  }

  /** Ends all threads, whatever they do. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  #run(worker: number, { task, control, onMessage, onExit, onBroken }: WorkerPoolOptions): void {
    const { port1, port2 } = new MessageChannel();
    this.#ports.push(port1);
    port1.on('message', (message: FromWorker) => {
      try {
        if (message.kind === 'list-shards' || message.kind === 'fetch-credentials') {
          answerControlCall(message, control, (answer) => port1.postMessage(answer));
        } else onMessage(worker, message);
      } catch (thrown) {
        onBroken(thrown);
      }
    });
    // The port closes when the thread has ended and all its messages are read: only then is the worker's story complete.
    const closed = new Promise<void>((resolve) => port1.once('close', resolve));
    const whole: WorkerTask = { ...task, worker, port: port2 };
    const ended: Promise<WorkerEnd> = this.#pool.run(whole, { transferList: [port2] });
    ended
      .then(
        ({ error }) => (error === null ? null : ShardstormError.fromJSON(error)),
        (thrown) => workerDied(worker, thrown),
      )
      .then(async (error) => {
        await closed;
        onExit({ worker, error });
      })
      .catch(onBroken);
  }
}

function workerDied(worker: number, thrown: unknown): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_WORKER_DIED',
    `worker ${worker} died: ${describeCause(thrown)}`,
    {
      hint: 'The result holds what it had told of until then. If memory ran out, lower producer.maxBufferedMemory.',
      cause: thrown,
    },
  );
}
