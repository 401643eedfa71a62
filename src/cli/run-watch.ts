import { formatDurationUs, formatPercent } from '../core/units.ts';
import type { ResultFolder } from '../results/folder.ts';
import { isPreciseEnough } from '../results/precision.ts';
import type { Summary, ThresholdOutcome } from '../results/summary.ts';
import { findAbort } from './abort-on-fail.ts';
import type { RunningLoad, RunSetup, RunTarget } from './run-setup.ts';
import { summarise } from './run-summary.ts';

/**
 * What may end a run before its schedule does: a threshold with `abortOnFail`, a metric that is known precisely enough, a
 * result folder that cannot be written to. Looks once an interval; ends the run once.
 */
export class RunWatch {
  readonly #setup: RunSetup;
  readonly #target: RunTarget;
  readonly #folder: ResultFolder;
  #aborted: (ThresholdOutcome & { readonly atUs: number }) | null = null;
  #hasEnded = false;

  constructor(setup: RunSetup, target: RunTarget, folder: ResultFolder) {
    this.#setup = setup;
    this.#target = target;
    this.#folder = folder;
  }

  /** @param nowUs end of the interval */
  interval(load: RunningLoad, nowUs: number): 'goes on' | 'aborted' | 'ended' {
    if (this.#hasEnded) return 'goes on';
    if (this.#folder.failure !== null) {
      // A full disk: the rest of the run could not be kept.
      this.#hasEnded = true;
      load.stop('now');
      return 'aborted';
    }
    if (this.#abortIfFailed(load, nowUs)) return 'aborted';
    return this.#endIfPrecise(load, nowUs) ? 'ended' : 'goes on';
  }

  /** The summary, in which the threshold that ended the run did not hold, whatever it came to while the run drained. */
  judged(summary: Summary): Summary {
    const aborted = this.#aborted;
    if (aborted === null) return summary;
    const { expression, actual, atUs } = aborted;
    const note = `ended the run after ${formatDurationUs(atUs)}`;
    const thresholds = summary.thresholds.map((outcome) =>
      outcome.expression === expression ? { expression, actual, held: false, note } : outcome,
    );
    return { ...summary, thresholds };
  }

  #abortIfFailed(load: RunningLoad, nowUs: number): boolean {
    // A share's figures are not the run's.
    if (this.#setup.sizing.share.count > 1) return false;
    const outcome = findAbort(this.#setup.plan.thresholds, nowUs, () =>
      summarise(this.#setup, this.#target, load.soFar(nowUs), null),
    );
    if (outcome === null) return false;
    this.#hasEnded = true;
    this.#aborted = { ...outcome, atUs: nowUs };
    const message = `${outcome.expression} does not hold: ${outcome.actual}`;
    this.#folder.event({ atUs: nowUs, worker: -1, kind: 'threshold-abort', message });
    load.stop('drain');
    return true;
  }

  #endIfPrecise(load: RunningLoad, nowUs: number): boolean {
    const { plan, phases } = this.#setup;
    const { stopWhen } = plan.load;
    if (stopWhen === null) return false;
    const totals = load.soFar(nowUs).merger.phases.at(-1);
    const startUs = phases.at(-1)?.startUs ?? 0;
    if (totals === undefined || !isPreciseEnough(stopWhen, totals, { startUs, nowUs }))
      return false;
    this.#hasEnded = true;
    const message = `${stopWhen.metric} is known to ±${formatPercent(stopWhen.halfWidth)}`;
    this.#folder.event({ atUs: nowUs, worker: -1, kind: 'precise-enough', message });
    load.endEarly();
    return true;
  }
}
