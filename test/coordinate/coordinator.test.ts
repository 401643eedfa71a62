import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Coordinator, type CoordinatorOptions } from '../../src/coordinate/coordinator.ts';
import { planPhases } from '../../src/coordinate/planned-phases.ts';
import type { WorkerPoolOptions, Workers } from '../../src/coordinate/worker-pool.ts';
import { ShardstormError } from '../../src/core/errors.ts';
import { WHOLE } from '../../src/core/share.ts';
import type { ToWorker } from '../../src/load/protocol.ts';
import { packFrame } from '../../src/measure/codec.ts';
import { COUNTER_INDEX } from '../../src/measure/frame.ts';
import { FakeWorker } from '../measure/builders.ts';
import { planOf } from '../virtual/harness.ts';

const SECOND_US = 1_000_000;
const OFFERED = COUNTER_INDEX['userRecords.offered'];
const ACCEPTED = COUNTER_INDEX['userRecords.accepted'];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Workers that do what a test tells them to. */
class Puppets implements Workers {
  readonly heard: ToWorker[] = [];
  isDestroyed = false;
  readonly #options: WorkerPoolOptions;
  readonly #counts: FakeWorker[];

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    const { workers } = options.task;
    this.#counts = Array.from(
      { length: workers },
      (_, worker) => new FakeWorker(worker, [3 * SECOND_US, 6 * SECOND_US]),
    );
  }

  sendAll(message: ToWorker): void {
    this.heard.push(message);
  }

  destroy(): Promise<void> {
    this.isDestroyed = true;
    return Promise.resolve();
  }

  ready(...workers: readonly number[]): void {
    for (const worker of workers) {
      const message = { kind: 'ready', openShards: [0, 1], openShardStarts: [] } as const;
      this.#options.onMessage(worker, message as never);
    }
  }

  /** A second in which so many records were offered and accepted. */
  frame(worker: number, second: number, records: number, isLast = false): void {
    const counts = this.#counts[worker] as FakeWorker;
    const phase = counts.recorder.phaseOf((second - 1) * SECOND_US);
    counts.recorder.add(phase, OFFERED, records);
    counts.recorder.add(phase, ACCEPTED, records);
    const packed = packFrame(counts.frame(second * SECOND_US, {}, isLast));
    this.#options.onMessage(worker, { kind: 'frame', packed });
  }

  /** Makes a frame that never arrives. */
  loseFrame(worker: number, second: number): void {
    (this.#counts[worker] as FakeWorker).frame(second * SECOND_US);
  }

  exit(worker: number, error: ShardstormError | null = null): void {
    this.#options.onExit({ worker, error });
  }

  garble(worker: number): void {
    this.#options.onBroken(new Error(`worker ${worker} spoke nonsense`));
  }
}

interface Rig {
  readonly coordinator: Coordinator;
  readonly puppets: Puppets;
  readonly events: string[];
}

function rigOf(workers = 2, hooks: Partial<CoordinatorOptions> = {}): Rig {
  const plan = planOf(`load.producers=${workers}`);
  const events: string[] = [];
  let puppets: Puppets | null = null;
  const coordinator = new Coordinator({
    startAtUs: null,
    task: {
      workers,
      producers: workers,
      share: WHOLE,
      plan,
      transport: {} as never,
      settled: null,
      runIdHigh: 1,
      runIdLow: 2,
    },
    control: {} as never,
    phases: planPhases(plan),
    onStart: () => Promise.resolve(),
    onInterval: () => undefined,
    onEvent: ({ kind, worker }) => events.push(`${kind} ${worker}`),
    startWorkers: (options) => {
      puppets = new Puppets(options);
      return puppets;
    },
    ...hooks,
  });
  if (puppets === null) throw new Error('no workers were started');
  return { coordinator, puppets, events };
}

/** What was said to the workers so far, once promises under way have resolved. */
async function said({ puppets }: Rig): Promise<string[]> {
  await vi.advanceTimersByTimeAsync(0);
  return puppets.heard.map((message) =>
    message.kind === 'stop' ? `stop ${message.mode}` : message.kind,
  );
}

const died = (worker: number) =>
  new ShardstormError('SHARDSTORM_WORKER_DIED', `worker ${worker} died: out of memory`, {
    hint: 'Use less.',
  });

describe('the start gate', () => {
  it('opens when every worker is ready, once, at one instant', async () => {
    const rig = rigOf(3);
    rig.puppets.ready(0, 2);
    expect(await said(rig)).toEqual([]);
    rig.puppets.ready(1);
    expect(await said(rig)).toEqual(['start']);
  });

  it('stays shut while the target is not ready for it', async () => {
    let open = () => {};
    const onStart = () =>
      new Promise<void>((resolve) => {
        open = resolve;
      });
    const rig = rigOf(1, { onStart });
    rig.puppets.ready(0);
    expect(await said(rig)).toEqual([]);
    open();
    expect(await said(rig)).toEqual(['start']);
  });

  it('names the workers that are not ready in time', async () => {
    const rig = rigOf(3);
    rig.puppets.ready(1);
    const ended = expect(rig.coordinator.run()).rejects.toThrow(
      'worker 0, 2 of 3 was not ready within 30 s',
    );
    await vi.advanceTimersByTimeAsync(30_000);
    await ended;
    expect(rig.puppets.isDestroyed).toBe(true);
  });

  it('stays shut when a worker cannot start, whose error is the run’s', async () => {
    const rig = rigOf();
    rig.puppets.exit(1, died(1));
    rig.puppets.ready(0);
    expect(await said(rig)).toEqual(['stop drain']);
    const ended = expect(rig.coordinator.run()).rejects.toThrow('worker 1 died: out of memory');
    rig.puppets.exit(0);
    await ended;
  });

  it('ends the run when the target breaks down before it', async () => {
    const rig = rigOf(1, { onStart: () => Promise.reject(new Error('no simulator')) });
    const ended = expect(rig.coordinator.run()).rejects.toThrow('no simulator');
    rig.puppets.ready(0);
    await vi.advanceTimersByTimeAsync(5_000);
    await ended;
  });
});

/** A rig whose gate is open. */
async function started(workers = 2): Promise<Rig> {
  const rig = rigOf(workers);
  for (let worker = 0; worker < workers; worker++) rig.puppets.ready(worker);
  expect(await said(rig)).toEqual(['start']);
  return rig;
}

describe('a run under way', () => {
  it('is complete when every worker has told everything and ended', async () => {
    const { coordinator, puppets } = await started();
    for (const second of [1, 2, 3, 4, 5]) {
      puppets.frame(0, second, 10);
      puppets.frame(1, second, 20);
    }
    puppets.frame(0, 6, 10, true);
    puppets.exit(0);
    puppets.frame(1, 6, 20, true);
    puppets.exit(1);
    const outcome = await coordinator.run();
    expect(outcome).toMatchObject({ status: 'completed', failures: [], stoppedUs: null });
    expect(outcome.merger.measured().counters[OFFERED]).toBe(90);
    expect(puppets.isDestroyed).toBe(true);
  });

  it('lasts as long as it did, though the wall clock was set forward meanwhile', async () => {
    const { coordinator, puppets } = await started();
    const wallMs = Date.now();
    vi.setSystemTime(wallMs + 3_600_000);
    puppets.frame(0, 5, 10, true);
    puppets.exit(0);
    puppets.frame(1, 5, 10, true);
    puppets.exit(1);
    const { durationUs, origin, status } = await coordinator.run();
    expect(status).toBe('completed');
    expect(durationUs).toBeLessThan(60_000_000);
    expect(Math.abs(origin.epochUs / 1000 - wallMs)).toBeLessThan(60_000);
  });

  it('ends within five seconds of a worker’s death, and names it and what it left undone', async () => {
    const rig = await started();
    const { coordinator, puppets, events } = rig;
    for (const second of [1, 2]) {
      puppets.frame(0, second, 10);
      puppets.frame(1, second, 10);
    }
    puppets.exit(1, died(1));
    expect(await said(rig)).toEqual(['start', 'stop drain']);
    // The other one does not answer any more either.
    const run = coordinator.run();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await said(rig)).toEqual(['start', 'stop drain', 'stop now']);
    await vi.advanceTimersByTimeAsync(2_000);
    const { status, failures, merger } = await run;
    expect(status).toBe('failed');
    expect(events).toEqual(['worker-died 1']);
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^worker 1 died: out of memory; it had 50\.0 % of the load, of which [\d,]+ records were not offered since .* at 2\.00s$/,
      ),
      '1 worker threads did not end and were ended',
    ]);
    expect(merger.phases[0]?.counters[OFFERED]).toBe(40);
  });

  it('fails when measurements were lost on the way', async () => {
    const { coordinator, puppets } = await started(1);
    puppets.frame(0, 1, 10);
    puppets.loseFrame(0, 2);
    puppets.frame(0, 3, 10, true);
    puppets.exit(0);
    const { status, failures } = await coordinator.run();
    expect(status).toBe('failed');
    expect(failures.map(({ message }) => message)).toEqual(['1 frames of workers never came']);
  });

  it('drains when it is told to stop, and is interrupted, with all that was told', async () => {
    const rig = await started(1);
    rig.coordinator.stop('drain');
    expect(await said(rig)).toEqual(['start', 'stop drain']);
    rig.puppets.frame(0, 1, 10, true);
    rig.puppets.exit(0);
    const outcome = await rig.coordinator.run();
    expect(outcome).toMatchObject({ status: 'interrupted', failures: [] });
    expect(outcome.stoppedUs).not.toBeNull();
  });

  it('ends threads that do not stop when told to stop now', async () => {
    const rig = await started(1);
    rig.coordinator.stop('drain');
    rig.coordinator.stop('now');
    const run = rig.coordinator.run();
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await run).failures.map(({ message }) => message)).toEqual([
      '1 worker threads did not end and were ended',
    ]);
    expect(rig.puppets.isDestroyed).toBe(true);
  });

  it('counts as completed when it has told enough', async () => {
    const { coordinator, puppets } = await started(1);
    coordinator.endEarly();
    puppets.frame(0, 1, 10, true);
    puppets.exit(0);
    expect(await coordinator.run()).toMatchObject({ status: 'completed', failures: [] });
  });

  it('ends when what a worker says cannot be understood', async () => {
    const { coordinator, puppets } = await started(1);
    puppets.garble(0);
    const { status, failures } = await coordinator.run();
    expect(status).toBe('failed');
    expect(failures[0]?.message).toContain('worker 0 spoke nonsense');
  });
});
