/**
 * The main thread's side of a simulator that runs in a thread of its own. In: options. Out: a handle. A thread that dies
 * fails every call that waits for it and every later one: nothing hangs.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ClockOrigin } from '../core/clock.ts';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { AuditReport } from './core/audit.ts';
import type { SimulatorOptions } from './options.ts';
import type { HostMessage, ThreadMessage } from './thread.ts';

export interface SimulatorHandle {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** Begins a run: fault windows count from the origin, limits are full, the audit is empty. */
  startClock(origin: ClockOrigin): Promise<void>;
  audit(): Promise<AuditReport>;
  /** Ends connections and the thread. */
  close(): Promise<void>;
  /** Resolves if the thread dies on its own; never rejects. */
  readonly failure: Promise<ShardstormError>;
}

/** A message to the thread, before it has its number. */
type Request = HostMessage extends infer M
  ? M extends HostMessage
    ? Omit<M, 'id'>
    : never
  : never;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ShardstormError) => void;
}

/** @throws ShardstormError SHARDSTORM_SIMULATOR_*, or SHARDSTORM_WORKER_START when the thread cannot run */
export async function startSimulatorThread(options: SimulatorOptions): Promise<SimulatorHandle> {
  const thread = new SimulatorThread(startWorker(options));
  const endpoint = await thread.ready;
  return {
    endpoint,
    failure: thread.failure,
    startClock: async (origin) => {
      await thread.ask({ kind: 'start-clock', origin });
    },
    audit: async () => (await thread.ask({ kind: 'audit' })) as AuditReport,
    close: () => thread.close(),
  };
}

/** From the built package the entry is JavaScript; from source it is TypeScript, which needs tsx registered first. */
function startWorker(options: SimulatorOptions): Worker {
  const extension = extname(import.meta.url);
  const entry = new URL(`../../workers/simulator.worker${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(entry, { workerData: options });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'));
  const esm = tsx.href.replace(/cjs$/, 'mjs');
  const code = `import('${esm}').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(code, { eval: true, workerData: options });
}

class SimulatorThread {
  readonly ready: Promise<string>;
  readonly failure: Promise<ShardstormError>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #isClosing = false;
  #death: ShardstormError | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    let fail: (error: ShardstormError) => void = () => {};
    this.failure = new Promise((resolve) => {
      fail = resolve;
    });
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: ThreadMessage) => {
        if (message.kind === 'ready') resolve(message.endpoint);
        else if (message.kind === 'failed') reject(ShardstormError.fromJSON(message.error));
        else this.#settle(message.id, message.value);
      });
      worker.on('error', (error) => this.#die(describeCause(error), reject, fail));
      worker.on('exit', (code) => this.#die(`it ended with code ${code}`, reject, fail));
    });
  }

  ask(request: Request): Promise<unknown> {
    if (this.#death !== null) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  async close(): Promise<void> {
    if (this.#death !== null || this.#isClosing) return;
    this.#isClosing = true;
    await this.ask({ kind: 'close' });
    await this.#worker.terminate();
  }

  #settle(id: number, value: unknown): void {
    this.#waiting.get(id)?.resolve(value);
    this.#waiting.delete(id);
  }

  #die(
    cause: string,
    rejectReady: (error: ShardstormError) => void,
    fail: (error: ShardstormError) => void,
  ): void {
    if (this.#death !== null) return;
    this.#death = new ShardstormError(
      'SHARDSTORM_WORKER_DIED',
      `the simulator's thread died: ${cause}`,
      { hint: 'Run again; if it dies again, report it with the scenario.' },
    );
    rejectReady(this.#death);
    for (const { reject } of this.#waiting.values()) reject(this.#death);
    this.#waiting.clear();
    if (!this.#isClosing) fail(this.#death);
  }
}
