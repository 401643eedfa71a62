/**
 * One worker's load: read this file first. It wires schedule → generate → producer → measure, which do not know one
 * another, over a clock and a transport that are given. It owns no thread and no socket: a worker thread runs it on the
 * wire (worker.ts), and the same code runs in virtual time.
 *
 * Its life: `prepare` fetches the shard map; `start` lets the schedule run; it ends when every record has settled, or when
 * the time to drain is over, or when it is stopped; then the last frame has been given out.
 */
import type { Clock, Timer } from '../core/clock.ts';
import type { ShardstormError } from '../core/errors.ts';
import { RANDOM_STREAMS, randomUnit } from '../core/random.ts';
import { countInShare, type Share, workerOfAll } from '../core/share.ts';
import type { PayloadFiles } from '../generate/file.ts';
import { createGenerator } from '../generate/generator.ts';
import { KeyTable } from '../kinesis/key-table.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import { createMd5 } from '../kinesis/md5.ts';
import type { Transport } from '../kinesis/put-records.ts';
import { type Frame, type SelfDelta, SHARE_STARTED } from '../measure/frame.ts';
import { Recorder } from '../measure/recorder.ts';
import type { LoadState } from '../measure/self-watch.ts';
import { ShardBuckets } from '../producer/buckets.ts';
import { Pipeline } from '../producer/pipeline.ts';
import { SharedBuffers } from '../producer/pipeline-options.ts';
import type { ProducerSettings } from '../producer/settings.ts';
import { ShardMap } from '../producer/shard-map.ts';
import type { Plan } from '../scenario/plan.ts';
import { compileSchedule, type Schedule } from '../schedule/schedule.ts';
import { Outcomes } from './outcomes.ts';
import { PacedLoop } from './paced-loop.ts';
import { listingError, producerSettings } from './producer-settings.ts';

/** Each frame covers this much time; frames end at whole multiples of it. */
const FRAME_US = 1_000_000;
/** How long the first frame after the schedule's end waits for the load's, so that a moment's rates are no spike. */
const LAST_FRAME_WAIT_US = 250_000;

export interface LoadOptions {
  readonly plan: Plan;
  /** This worker among those of this process. */
  readonly worker: number;
  readonly workers: number;
  /** Of the whole run, all shares together. */
  readonly producers: number;
  /** The part of the run that this process does. */
  readonly share: Share;
  readonly runIdHigh: number;
  readonly runIdLow: number;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly listOpenShards: ListOpenShards;
  readonly files: PayloadFiles;
  readonly replayTimesUs: readonly (Float64Array | null)[];
  /** Whether payloads are generated and carried; default true. */
  readonly hasContents?: boolean;
  /** What the thread sees of itself since the last call. */
  readonly watch: (state: LoadState) => SelfDelta;
  readonly onFrame: (frame: Frame) => void;
  /** Called once, after the last frame. */
  readonly onEnd: () => void;
}

/** Keys that a thread knows at a time; past it, it forgets them all. */
const KEYS_MAX = 1 << 20;

export class Load {
  readonly #options: LoadOptions;
  readonly #schedule: Schedule;
  readonly #recorder: Recorder;
  readonly #outcomes: Outcomes;
  readonly #shardMap: ShardMap;
  readonly #producers: Pipeline[] = [];
  readonly #keys: KeyTable;
  /** Shared by this thread's producers; null when each has its own. */
  readonly #buckets: ShardBuckets | null;
  readonly #buffers = new SharedBuffers();
  readonly #settings: ProducerSettings;
  /** This worker among those of all shares: what it has of producers and records. */
  readonly #place: { readonly worker: number; readonly workers: number };
  #loop: PacedLoop | null = null;
  #onPrepared: ((error: ShardstormError | null) => void) | null = null;
  #frameStartUs = 0;
  #frameTimer: Timer | null = null;
  #drainTimer: Timer | null = null;
  #isDraining = false;
  #hasFrameWaited = false;
  /** Whether it will be looked whether this is the end: one look for all records of a turn. */
  #isEndPending = false;
  #hasEnded = false;

  constructor(options: LoadOptions) {
    const { plan, worker } = options;
    this.#options = options;
    // Without contents, records on their way have their keys in the table.
    this.#keys = new KeyTable(KEYS_MAX, createMd5(), options.hasContents ?? true);
    this.#place = workerOfAll(options.share, worker, options.workers);
    this.#schedule = compileSchedule({
      phases: plan.load.phases,
      arrival: plan.load.arrival,
      seed: plan.load.seed,
      replayTimesUs: options.replayTimesUs,
    });
    this.#recorder = new Recorder({ worker, phases: this.#schedule.phases });
    this.#outcomes = new Outcomes(this.#recorder);
    this.#shardMap = new ShardMap({
      streamName: plan.target.stream,
      listOpenShards: options.listOpenShards,
      keys: this.#keys,
      clock: options.clock,
      onUpdate: (openShards) => this.#shardsListed(openShards),
      onError: (code, message) => this.#listingFailed(code, message),
    });
    const count = countInShare(options.producers, {
      index: this.#place.worker,
      count: this.#place.workers,
    });
    this.#settings = producerSettings(
      plan.producer,
      countInShare(options.producers, options.share),
    );
    const { rateLimit } = plan.producer;
    // The limit of the process, of which this thread has what is due to its producers, rate and burst.
    this.#buckets =
      rateLimit?.share === 'process'
        ? new ShardBuckets(rateLimit.fraction, count / options.producers)
        : null;
    for (let i = 0; i < count; i++)
      this.#producers.push(this.#producer(this.#place.worker + i * this.#place.workers));
  }

  /** Shard numbers of the map; empty before it is there. */
  get openShards(): readonly number[] {
    return this.#shardMap.openShards;
  }

  /** Upper 32 bits of their first hash keys. */
  get openShardStarts(): readonly number[] {
    return this.#shardMap.openShardStarts;
  }

  /** Fetches the shard map. Calls back once. */
  prepare(done: (error: ShardstormError | null) => void): void {
    this.#onPrepared = done;
    this.#shardMap.start();
  }

  /** Lets the schedule run; time 0 of the clock is its start and may lie ahead. Does nothing once it was stopped. */
  start(): void {
    if (this.#isDraining || this.#hasEnded) return;
    const { plan, clock, producers } = this.#options;
    const { worker, workers } = this.#place;
    const generator = createGenerator({
      records: plan.records,
      seed: plan.load.seed,
      keys: this.#keys,
      stamp: {
        runIdHigh: this.#options.runIdHigh,
        runIdLow: this.#options.runIdLow,
        originEpochUs: clock.originEpochUs,
      },
      files: this.#options.files,
      hasContents: this.#options.hasContents ?? true,
    });
    this.#loop = new PacedLoop({
      clock,
      cursor: this.#schedule.cursor({ producers, workers, worker }),
      generator,
      producers: this.#producers,
      workers,
      outcomes: this.#outcomes,
      overload: plan.producer.overload,
      concurrencyShare: (whole) => Math.floor((whole + workers - 1 - worker) / workers),
      onExhausted: () => this.#drainAtEnd(),
    });
    this.#frameTimer = clock.setTimer(FRAME_US, this.#onFrameTimer);
    const endUs = this.#schedule.durationUs + plan.load.drainUs;
    this.#drainTimer = clock.setTimer(endUs, () => this.#giveUp('DrainTimeout'));
    if (this.#options.share.count > 1) clock.setPreciseTimer(0, this.#tellStart);
    this.#loop.start();
  }

  /** `drain`: no new records, then waits for those that are out. `now`: gives up what is not settled. */
  stop(mode: 'drain' | 'now'): void {
    if (this.#hasEnded) return;
    this.#loop?.stop();
    if (mode === 'now') {
      this.#giveUp('Stopped');
      return;
    }
    const { clock, plan } = this.#options;
    this.#drainTimer?.cancel();
    this.#drainTimer = clock.setTimer(clock.nowUs() + plan.load.drainUs, () =>
      this.#giveUp('DrainTimeout'),
    );
    this.#drain();
  }

  /** When this share's time 0 really was: shares that started apart are told of. */
  readonly #tellStart = (): void => {
    const atUs = this.#options.clock.nowUs();
    this.#recorder.event({ atUs, kind: SHARE_STARTED, message: 'the load of this share began' });
  };

  #producer(number: number): Pipeline {
    const { plan, clock, transport } = this.#options;
    let draws = 0;
    const pipeline: Pipeline = new Pipeline({
      streamName: plan.target.stream,
      settings: this.#settings,
      keys: this.#keys,
      shardMap: this.#shardMap,
      buckets: this.#buckets,
      buffers: this.#buffers,
      transport,
      clock,
      observer: this.#outcomes.observe(number, () => pipeline, this.#wakeLater),
      random: () => randomUnit(plan.load.seed + number, RANDOM_STREAMS.backoff, draws++),
      wantsSequenceNumbers: false,
      hasContents: this.#options.hasContents ?? true,
      onRoom: () => this.#loop?.wake(),
    });
    return pipeline;
  }

  /** Records have settled: a closed phase may send again, a drained load may be at its end. */
  readonly #wakeLater = (): void => {
    if (this.#loop?.isClosedPhase === true) this.#loop.wake();
    if (!this.#isDraining || this.#isEndPending) return;
    this.#isEndPending = true;
    this.#options.clock.setImmediate(this.#endIfSettled);
  };

  #shardsListed(openShards: number): void {
    const { clock, worker } = this.#options;
    for (const producer of this.#producers) producer.mapChanged();
    const prepared = this.#onPrepared;
    this.#onPrepared = null;
    if (prepared !== null) prepared(null);
    else if (worker === 0) {
      const message = `shard map refreshed: ${openShards} open shards`;
      this.#recorder.event({ atUs: clock.nowUs(), kind: 'reshard', message });
    }
  }

  #listingFailed(code: string, message: string): void {
    for (const producer of this.#producers) producer.mapChanged();
    const atUs = this.#options.clock.nowUs();
    this.#recorder.event({ atUs, kind: 'list-shards-failed', message: `${code}: ${message}` });
    const prepared = this.#onPrepared;
    this.#onPrepared = null;
    prepared?.(listingError(this.#options.plan.target.stream, code, message));
  }

  /** All threads and shares drain at one instant: how the load is split must not show in the last batches. */
  #drainAtEnd(): void {
    const { clock } = this.#options;
    const endUs = this.#schedule.durationUs;
    if (clock.nowUs() >= endUs) this.#drain();
    else clock.setPreciseTimer(endUs, () => !this.#isDraining && this.#drain());
  }

  #drain(): void {
    this.#isDraining = true;
    for (const producer of this.#producers) producer.drain();
    this.#options.clock.setImmediate(this.#endIfSettled);
  }

  /** Time is up: what is not settled fails. Calls in flight end as unknown when the transport closes. */
  #giveUp(code: string): void {
    const { clock, transport } = this.#options;
    const outstanding = this.#producers.reduce((sum, producer) => sum + producer.outstanding, 0);
    const message = `${code}: ${outstanding} user records were not settled and count as failed`;
    if (outstanding > 0) this.#recorder.event({ atUs: clock.nowUs(), kind: 'given-up', message });
    this.#loop?.stop();
    this.#isDraining = true;
    for (const producer of this.#producers) producer.abort(code);
    transport.close().then(this.#endIfSettled, this.#endIfSettled);
    clock.setImmediate(this.#endIfSettled);
  }

  readonly #endIfSettled = (): void => {
    this.#isEndPending = false;
    if (this.#hasEnded || this.#producers.some((producer) => producer.outstanding > 0)) return;
    this.#hasEnded = true;
    this.#frameTimer?.cancel();
    this.#drainTimer?.cancel();
    this.#shardMap.close();
    for (const producer of this.#producers) producer.close();
    this.#frame(true);
    this.#options.onEnd();
  };

  readonly #onFrameTimer = (): void => {
    const { clock } = this.#options;
    const isOver = this.#isDraining || clock.nowUs() >= this.#schedule.durationUs;
    if (isOver && !this.#hasFrameWaited) {
      this.#hasFrameWaited = true;
      this.#frameTimer = clock.setTimer(clock.nowUs() + LAST_FRAME_WAIT_US, this.#onFrameTimer);
      return;
    }
    this.#frame(false);
    // A late timer must not shift the frames after it.
    const nextUs = (Math.floor(clock.nowUs() / FRAME_US) + 1) * FRAME_US;
    this.#frameTimer = clock.setTimer(nextUs, this.#onFrameTimer);
  };

  #frame(isLast: boolean): void {
    const { clock, watch, onFrame } = this.#options;
    // Stopped before time 0, the one frame is empty, not turned round.
    const nowUs = Math.max(clock.nowUs(), this.#frameStartUs);
    let outstandingRecords = 0;
    let bufferedBytes = 0;
    for (const producer of this.#producers) {
      outstandingRecords += producer.outstanding;
      bufferedBytes += producer.bufferedBytes;
    }
    const self = watch({
      lateRecords: this.#outcomes.lateRecords,
      outstandingRecords,
      bufferedBytes,
      backPressureUs: this.#loop?.takeHeldBackUs(nowUs) ?? 0,
    });
    this.#outcomes.lateRecords = 0;
    onFrame(this.#recorder.takeFrame(this.#frameStartUs, nowUs, self, isLast));
    this.#frameStartUs = nowUs;
  }
}
