/**
 * Reading back as a part of a run: `verify: after` or `during` in the scenario. In: the run and its target. Out: what was
 * found, before the target goes. Invariant: whatever goes wrong here, the run's own figures stand.
 */
import type { RunOutcome } from '../coordinate/coordinator.ts';
import type { ClockOrigin } from '../core/clock.ts';
import { toShardstormError } from '../core/errors.ts';
import { formatCount, formatDurationUs } from '../core/units.ts';
import type { Summary } from '../results/summary.ts';
import type { Verification } from '../results/verification.ts';
import type { VerifyPlan } from '../scenario/plan.ts';
import type { TargetAddress } from '../transport/target-address.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';
import { acceptedOf, VerificationJob, verifiedSummary } from './verification-job.ts';

const PROGRESS_MS = 5_000;

/** How the reading ended: all was read, or it was stopped or broke down. */
interface Reading {
  readonly isComplete: boolean;
  readonly problem: string;
}

export class RunVerifier {
  readonly #setup: RunSetup;
  readonly #plan: VerifyPlan;
  readonly #address: TargetAddress;
  readonly #tell: (sentence: string) => void;
  #job: VerificationJob | null = null;
  #reading: Promise<Reading> | null = null;
  #isStopped = false;
  #toldMs = 0;

  /** null: the scenario does not ask for it, or there is nothing to read. */
  static of(
    setup: RunSetup,
    target: RunTarget,
    tell: (sentence: string) => void,
  ): RunVerifier | null {
    const { verify } = setup.plan;
    if (verify === null) return null;
    if (target.address === null) {
      tell('note: nothing is verified in virtual time');
      return null;
    }
    if (setup.member !== null) {
      tell('note: a share is not verified; merge the shares, then verify the whole');
      return null;
    }
    return new RunVerifier(setup, verify, target.address, tell);
  }

  private constructor(
    setup: RunSetup,
    plan: VerifyPlan,
    address: TargetAddress,
    tell: (sentence: string) => void,
  ) {
    this.#setup = setup;
    this.#plan = plan;
    this.#address = address;
    this.#tell = tell;
  }

  /** The gate opens. */
  begin(origin: ClockOrigin): void {
    if (this.#plan.when === 'during') this.#reading = this.#read(origin);
  }

  /** Reads no more: what was found until now is told as a beginning. */
  stop(): void {
    this.#isStopped = true;
    this.#job?.interrupt();
  }

  /**
   * The load is over: reads the rest.
   * @param forgotten Kinesis records that the target dropped because it had no room for them
   */
  async finish(
    outcome: RunOutcome,
    summary: Summary,
    forgotten: number,
  ): Promise<{ readonly summary: Summary; readonly verification: Verification | null }> {
    this.#reading ??= this.#read(outcome.origin);
    this.#job?.end();
    this.#isOver = true;
    const { isComplete, problem } = await this.#reading;
    const job = this.#job;
    if (job === null) {
      this.#tell(`warning: the stream was not verified: ${problem}`);
      return { summary, verification: null };
    }
    const expectation = {
      producers: outcome.merger.delivery.producers,
      workers: this.#setup.sizing.workers,
      problem: outcome.failures[0]?.message ?? unlisted(outcome),
      accepted: acceptedOf(summary),
    };
    const verification = job.report(expectation, { isComplete, problem, forgotten });
    const { plan } = this.#setup;
    return { summary: verifiedSummary(summary, verification, plan), verification };
  }

  #isOver = false;

  async #read(origin: ClockOrigin): Promise<Reading> {
    const { plan, sizing, stampId, runId, phases } = this.#setup;
    try {
      this.#job = await VerificationJob.open({
        runId,
        plan,
        producers: sizing.producers,
        stampId,
        originEpochUs: origin.epochUs,
        windows: phases.filter(({ isMeasured }) => isMeasured),
        address: this.#address,
        stream: plan.target.stream,
        method: this.#plan.method,
        when: this.#plan.when,
        onProgress: (job) => this.#progress(job),
        onNote: (note) => this.#tell(`note: ${note}`),
      });
      if (this.#isOver || this.#plan.when === 'after') this.#job.end();
      if (this.#isStopped) this.#job.interrupt();
      return { isComplete: await this.#job.read(), problem: '' };
    } catch (thrown) {
      return { isComplete: false, problem: toShardstormError(thrown).message };
    }
  }

  #progress(job: VerificationJob): void {
    if (!this.#isOver) return;
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < PROGRESS_MS) return;
    this.#toldMs = nowMs;
    const behind = formatDurationUs(job.behindMs * 1000);
    this.#tell(`verifying: ${formatCount(job.userRecordsRead)} records read, ${behind} behind`);
  }
}

function unlisted({ merger }: RunOutcome): string {
  const { unkept } = merger.delivery;
  return unkept === 0 ? '' : 'more records failed, one by one, than could be kept in mind';
}
