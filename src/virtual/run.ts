/**
 * A run in virtual time: the load of load/ and the simulator's core in one thread, under a clock that is an event queue.
 * In: a plan. Out: what a coordinator gives, and the simulator's audit. No socket, thread or real clock is touched, so a
 * run is a function of its plan (and of when it is told to stop): twice the same, byte for byte, and as fast as the CPU.
 *
 * ```
 * VirtualClock ── fires ──▶ Load (schedule ▶ generate ▶ producer) ── VirtualTransport ──▶ Simulator (core)
 *                              └─ a frame each second ──▶ FrameMerger ──▶ intervals, totals
 * ```
 */
import type { RunOutcome } from '../coordinate/coordinator.ts';
import type { PlannedPhase } from '../coordinate/planned-phases.ts';
import type { ClockOrigin } from '../core/clock.ts';
import { ShardstormError } from '../core/errors.ts';
import { type Share, WHOLE } from '../core/share.ts';
import { steppedClock, VirtualClock } from '../core/virtual-clock.ts';
import { loadPayloadFiles } from '../generate/file.ts';
import { replayTimesOf } from '../load/inputs.ts';
import { Load } from '../load/load.ts';
import { packFrame } from '../measure/codec.ts';
import type { Interval } from '../measure/interval.ts';
import { FrameMerger, type MergedEvent } from '../measure/merge.ts';
import { UNWATCHED } from '../measure/self-watch.ts';
import type { Plan } from '../scenario/plan.ts';
import type { AuditReport } from '../simulator/core/audit.ts';
import { CORE_DEFAULTS } from '../simulator/core/options.ts';
import { Simulator } from '../simulator/core/simulator.ts';
import { readLatency } from '../simulator/latency-file.ts';
import { VirtualTransport, virtualShardLister } from './transport.ts';

/** Every virtual run begins at this instant (2026-01-01T00:00:00Z), so that nothing in it depends on the day. */
export const VIRTUAL_EPOCH_US = Date.UTC(2026, 0, 1) * 1000;
/** Preparing has this much time before time 0; a listing that takes longer is an error. */
const PREPARE_US = 60_000_000;
/**
 * Between two slices the event loop gets a turn, for signals and the live view. Virtual time, so that what a slice holds
 * does not depend on the machine.
 */
const SLICE_US = 100_000;
/**
 * The timers of the load's thread, as on the wire: the event loop's are a millisecond coarse, and the paced loop wakes from
 * its naps every tenth of one. The service's own time is exact.
 */
const TIMER_STEPS = { timerUs: 1000, preciseTimerUs: 100 };

export interface VirtualRunOptions {
  readonly plan: Plan;
  /** Of the whole run, all shares together. */
  readonly producers: number;
  /** The part of it that is done here, default all; the simulated stream is this part's alone. */
  readonly share?: Share;
  readonly phases: readonly PlannedPhase[];
  readonly runIdHigh: number;
  readonly runIdLow: number;
  /** Called once, before time 0. */
  readonly onStart: (origin: ClockOrigin) => Promise<void>;
  readonly onInterval: (interval: Interval) => void;
  readonly onEvent: (event: MergedEvent) => void;
  /** Each frame, for a share's part of the merged result. */
  readonly onFrame?: (packed: Uint8Array) => void;
  /** Gives the event loop a turn. */
  readonly pause: () => Promise<void>;
}

type ShardsAtStart = Pick<RunOutcome, 'openShards' | 'openShardStarts'>;

export class VirtualRun {
  readonly #options: VirtualRunOptions;
  readonly #clock = new VirtualClock(VIRTUAL_EPOCH_US, -PREPARE_US);
  readonly #core: Simulator;
  readonly #merger: FrameMerger;
  readonly #load: Load;
  #endedUs: number | null = null;
  #stoppedUs: number | null = null;
  #wanted: 'drain' | 'now' | null = null;
  #hasStarted = false;
  #isInterrupted = false;

  /** @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE, SHARDSTORM_SCENARIO_INVALID */
  constructor(options: VirtualRunOptions) {
    const { plan, phases, onInterval, onEvent } = options;
    this.#options = options;
    this.#core = startCore(plan, this.#clock);
    this.#merger = new FrameMerger({ workers: 1, phases, onInterval, onEvent });
    this.#load = new Load({
      plan,
      worker: 0,
      workers: 1,
      producers: options.producers,
      share: options.share ?? WHOLE,
      runIdHigh: options.runIdHigh,
      runIdLow: options.runIdLow,
      clock: steppedClock(this.#clock, TIMER_STEPS),
      transport: new VirtualTransport(this.#core, plan.producer),
      listOpenShards: virtualShardLister(this.#core),
      files: loadPayloadFiles(plan.records, plan.baseDirectory),
      replayTimesUs: replayTimesOf(plan),
      hasContents: false,
      watch: (state) => ({ ...UNWATCHED, ...state }),
      onFrame: (frame) => {
        this.#merger.add(frame);
        options.onFrame?.(packFrame(frame));
      },
      onEnd: () => {
        this.#endedUs = this.#clock.nowUs();
      },
    });
  }

  /** What the simulator says that it took. */
  audit(): AuditReport {
    return this.#core.audit();
  }

  /** As a coordinator's. It takes effect between two slices. */
  stop(mode: 'drain' | 'now'): void {
    this.#isInterrupted = true;
    this.#stoppedUs ??= Math.max(0, this.#clock.nowUs());
    if (this.#hasStarted) this.#load.stop(mode);
    else this.#wanted = mode;
  }

  /** As a coordinator's: it has told enough. */
  endEarly(): void {
    this.#stoppedUs ??= Math.max(0, this.#clock.nowUs());
    this.#load.stop('drain');
  }

  /** The end of the run. @throws ShardstormError when the shard map could not be fetched */
  async run(): Promise<RunOutcome> {
    this.#prepare();
    const shards = this.#shardsNow();
    await this.#options.onStart({ monotonicUs: 0, epochUs: VIRTUAL_EPOCH_US });
    this.#clock.runUntil(0);
    this.#core.startAt(0);
    this.#load.start();
    this.#hasStarted = true;
    if (this.#wanted !== null) this.#load.stop(this.#wanted);
    for (let sliceEndUs = SLICE_US; this.#endedUs === null; sliceEndUs += SLICE_US) {
      this.#clock.runUntil(sliceEndUs);
      await this.#options.pause();
    }
    this.#core.close();
    this.#merger.flush();
    return this.#outcome(this.#endedUs, shards);
  }

  /** The run so far. @param nowUs end of the last whole interval */
  soFar(nowUs: number): RunOutcome {
    return { ...this.#outcome(nowUs, this.#shardsNow()), stoppedUs: nowUs };
  }

  #shardsNow(): ShardsAtStart {
    const { openShards, openShardStarts } = this.#load;
    return { openShards, openShardStarts };
  }

  #outcome(durationUs: number, shards: ShardsAtStart): RunOutcome {
    return {
      merger: this.#merger,
      origin: { monotonicUs: 0, epochUs: VIRTUAL_EPOCH_US },
      status: this.#isInterrupted ? 'interrupted' : 'completed',
      failures: [],
      durationUs,
      stoppedUs: this.#stoppedUs,
      ...shards,
    };
  }

  #prepare(): void {
    let result: ShardstormError | null | undefined;
    this.#load.prepare((error) => {
      result = error;
    });
    this.#clock.runUntil(-SLICE_US);
    if (result === undefined) {
      throw new ShardstormError('SHARDSTORM_SERVICE_ERROR', 'ListShards was not answered in time', {
        hint: 'Look at target.simulator.faults: no fault may hold ListShards up for a minute.',
      });
    }
    if (result !== null) throw result;
  }
}

function startCore(plan: Plan, clock: VirtualClock): Simulator {
  const { simulator, stream, region } = plan.target;
  const core = new Simulator(clock, {
    ...CORE_DEFAULTS,
    region: region ?? CORE_DEFAULTS.region,
    seed: plan.load.seed,
    latency: readLatency(simulator.latency, plan.baseDirectory),
    limits: simulator.limits ?? CORE_DEFAULTS.limits,
    transitionUs: simulator.transitionUs ?? CORE_DEFAULTS.transitionUs,
    scaleEveryUs: simulator.scaleEveryUs ?? CORE_DEFAULTS.scaleEveryUs,
    faults: simulator.faults,
    // Nobody reads a virtual stream, and its records have sizes instead of bytes.
    storedBytesMax: 0,
    readsContents: false,
  });
  const mode = simulator.mode === 'on-demand' ? 'ON_DEMAND' : 'PROVISIONED';
  core.addActiveStream(stream, mode, simulator.shards);
  return core;
}
