/**
 * One reading back, as `verify` and `run` do it. In: whose records, where they are, and in the end what was accepted. Out:
 * verification.json as data. It wires what does not know one another: the stream's reader, the audit, the records made
 * again, the histograms.
 */
import { clockOrigin, realClock } from '../core/clock.ts';
import { toShardstormError } from '../core/errors.ts';
import { expectedContents } from '../load/expected-contents.ts';
import type { HistogramDelta } from '../measure/frame.ts';
import { LatencyTally } from '../measure/latency-tally.ts';
import { latencySummary } from '../results/latency-summary.ts';
import type { Summary } from '../results/summary.ts';
import { judgeThresholds } from '../results/thresholds.ts';
import {
  concluded,
  type Verification as VerificationFile,
  verifySummary,
} from '../results/verification.ts';
import type { Plan } from '../scenario/plan.ts';
import type { TargetAddress } from '../transport/target-address.ts';
import {
  restoreVerification,
  saveVerification,
  type VerificationData,
} from '../verify/checkpoint.ts';
import { type Expectation, judge } from '../verify/judge.ts';
import { Verification } from '../verify/verification.ts';

/** Clocks of producers and of the service may differ by this much. */
const START_MARGIN_MS = 60_000;

export interface VerificationJobOptions {
  readonly runId: string;
  readonly plan: Plan;
  readonly producers: number;
  /** Upper and lower half of the id that stamps carry. */
  readonly stampId: readonly [number, number];
  /** Time 0 of the run, Unix microseconds. */
  readonly originEpochUs: number;
  /** Measured stretches of time, microseconds since the origin: latencies are theirs. */
  readonly windows: readonly { readonly startUs: number; readonly endUs: number }[];
  readonly address: TargetAddress;
  readonly stream: string;
  readonly method: 'polling' | 'fan-out';
  readonly when: 'during' | 'after';
  readonly onProgress: (job: VerificationJob) => void;
  /** Why contents are not compared, in a sentence. */
  readonly onNote: (note: string) => void;
}

/** What a checkpoint holds. */
interface JobState {
  readonly runId: string;
  /** Which stream was read, and where. */
  readonly place: string;
  readonly verification: VerificationData;
  readonly arrival: HistogramDelta;
}

/** How a reading ended. */
export interface ReadingEnd {
  /** All was read. */
  readonly isComplete: boolean;
  /** What broke it off; '' when nothing did, or a person. */
  readonly problem: string;
  /** Kinesis records that the target dropped because it had no room for them. */
  readonly forgotten: number;
}

export class VerificationJob {
  readonly #options: VerificationJobOptions;
  readonly #verification: Verification;
  readonly #close: () => Promise<void>;
  readonly #arrival = new LatencyTally();
  readonly #endToEnd = new LatencyTally();
  readonly #lag = new LatencyTally();

  private constructor(
    options: VerificationJobOptions,
    make: (job: VerificationJob) => Verification,
    close: () => Promise<void>,
  ) {
    this.#options = options;
    this.#close = close;
    this.#verification = make(this);
  }

  /** @throws ShardstormError when the stream cannot be reached */
  static async open(options: VerificationJobOptions): Promise<VerificationJob> {
    const { address, stream, method, stampId, originEpochUs } = options;
    const clock = realClock(clockOrigin());
    // Brings the SDK with it, which runs that verify nothing need not wait for.
    const { openStream } = await import('../transport/stream-reader.ts');
    const readable = await openStream({ address, streamName: stream, method, clock });
    const [runHigh, runLow] = stampId;
    return new VerificationJob(
      options,
      (job) =>
        new Verification({
          stream: readable,
          clock,
          run: { runHigh, runLow },
          contents: contentsOf(options),
          fromEpochMs: Math.floor(originEpochUs / 1000) - START_MARGIN_MS,
          onTimes: (...times) => job.#times(...times),
          onProgress: () => options.onProgress(job),
        }),
      () => readable.close(),
    );
  }

  get userRecordsRead(): number {
    return this.#verification.audit.counts.userRecords;
  }

  get behindMs(): number {
    return this.#verification.behindMs;
  }

  /** Nothing more is written. */
  end(): void {
    this.#verification.end();
  }

  interrupt(): void {
    this.#verification.interrupt();
  }

  /** Reads; gives the reader's resources back whatever happens. @returns whether all was read */
  async read(): Promise<boolean> {
    try {
      return await this.#verification.run();
    } finally {
      await this.#close();
    }
  }

  /** For a checkpoint. */
  save(): unknown {
    const { runId } = this.#options;
    const verification = saveVerification(this.#verification);
    const arrival = this.#arrival.toData();
    return { runId, place: this.#place, verification, arrival } satisfies JobState;
  }

  get #place(): string {
    const { address, stream } = this.#options;
    return `${address.endpoint ?? ''} ${address.region ?? ''} ${stream}`;
  }

  /** Goes on from a checkpoint; false when it is of another run, or was read elsewhere. */
  restore(saved: unknown): boolean {
    const state = saved as JobState | null;
    if (state?.runId !== this.#options.runId || state.place !== this.#place) return false;
    restoreVerification(this.#verification, state.verification);
    this.#arrival.load(state.arrival);
    return true;
  }

  /** What was found against what was accepted. */
  report(expectation: Expectation, ending: ReadingEnd): VerificationFile {
    const { runId, stream, when, method } = this.#options;
    const { audit, progress, backlog, readMs } = this.#verification;
    const { counts } = audit;
    const { basis, gaps, gapsJoinedWithin, ...judgement } = judge(audit, expectation);
    return concluded({
      schema: 'shardstorm.verification/1',
      runId,
      stream,
      verifiedAt: new Date().toISOString(),
      when,
      method,
      status: ending.isComplete ? 'complete' : 'interrupted',
      problem: ending.problem,
      read: {
        shards: progress.size,
        kinesisRecords: counts.kinesisRecords,
        aggregates: counts.aggregates,
        userRecords: counts.userRecords,
        bytes: counts.bytes,
        durationMs: readMs,
        own: counts.ownRecords,
        foreignUnstamped: counts.foreignUnstamped,
        foreignRuns: counts.foreignRuns,
        forgotten: ending.forgotten,
      },
      delivery: {
        basis,
        problem: expectation.problem,
        ...judgement,
        unchecked: counts.unchecked,
      },
      order: {
        lateByKey: audit.keyOrder.lateRecords,
        lateByShard: audit.shardOrder.lateRecords,
        unfollowed: audit.keyOrder.unfollowed,
      },
      damage: {
        brokenAggregates: counts.brokenAggregates,
        malformedAggregates: counts.malformedAggregates,
        misplacedRecords: counts.misplacedRecords,
        compared: counts.comparedRecords,
        wrongContents: counts.wrongContents,
        wrongKeys: counts.wrongKeys,
        samples: audit.samples,
      },
      gaps,
      gapsJoinedWithin,
      latency: {
        arrival: latencySummary(this.#arrival.totals),
        ...(when === 'during'
          ? {
              endToEnd: latencySummary(this.#endToEnd.totals),
              lag: latencySummary(this.#lag.totals),
            }
          : {}),
      },
      backlog: {
        behindMsMax: backlog.behindMsMax,
        drainedAtMs: backlog.drainedAtMs,
        samples: backlog.samples,
      },
    });
  }

  #times(intendedUs: number, arrivedUs: number, readUs: number): void {
    const sinceUs = intendedUs - this.#options.originEpochUs;
    // A rounded stamp may lie half a microsecond before its phase.
    const isMeasured = this.#options.windows.some(
      ({ startUs, endUs }) => sinceUs >= startUs - 1 && sinceUs <= endUs,
    );
    if (!isMeasured) return;
    this.#arrival.record(arrivedUs - intendedUs);
    if (this.#options.when === 'after') return;
    this.#endToEnd.record(readUs - intendedUs);
    this.#lag.record(readUs - arrivedUs);
  }
}

/** The records made again; null where that cannot be, with the reason told. */
function contentsOf(options: VerificationJobOptions) {
  const { plan, producers, stampId, originEpochUs, onNote } = options;
  const [runIdHigh, runIdLow] = stampId;
  try {
    const contents = expectedContents({ plan, producers, runIdHigh, runIdLow, originEpochUs });
    if (contents === null) onNote('contents are not compared: the scenario has a closed phase');
    return contents;
  } catch (thrown) {
    onNote(`contents are not compared: ${toShardstormError(thrown).message}`);
    return null;
  }
}

/** The summary with what was found in it, and thresholds about that judged. */
export function verifiedSummary(
  summary: Summary,
  verification: VerificationFile,
  plan: Plan,
): Summary {
  const { endToEnd } = verification.latency;
  const latency = endToEnd === undefined ? summary.latency : { ...summary.latency, endToEnd };
  const verified: Summary = { ...summary, latency, verify: verifySummary(verification) };
  const about = /^(verify\.|latency\.endToEnd\.)/;
  const judged = judgeThresholds(
    verified,
    plan.thresholds.filter(({ metric }) => about.test(metric)),
  );
  const thresholds = summary.thresholds.map(
    (outcome) => judged.find(({ expression }) => expression === outcome.expression) ?? outcome,
  );
  return { ...verified, thresholds };
}

/** User records accepted in all phases. */
export function acceptedOf({ phases }: Pick<Summary, 'phases'>): number {
  return phases.reduce((sum, { userRecords }) => sum + userRecords.accepted, 0);
}
