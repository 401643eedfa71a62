import type { BatchResult, OnSettled, RecordError, RecordResult } from './results.ts';

/** Gathers the ends of the records of one batch; their tokens are their places in it. */
export class Batch {
  readonly #onBatch: ((batch: BatchResult) => void) | null;
  readonly #outcomes: (RecordResult | RecordError)[] = [];
  #settled = 0;
  #failed = 0;
  /** Records of the batch; unknown until all that could be taken are. */
  #taken: number | null = null;

  constructor(onBatch: ((batch: BatchResult) => void) | null) {
    this.#onBatch = onBatch;
  }

  readonly onSettled: OnSettled = (error, result, place) => {
    const outcome = error ?? result;
    if (outcome !== null) this.#outcomes[place as number] = outcome;
    if (error !== null) this.#failed++;
    this.#settled++;
    this.#tellIfDone();
  };

  /** All that could be taken are: `taken` records. */
  seal(taken: number): void {
    this.#taken = taken;
    this.#tellIfDone();
  }

  #tellIfDone(): void {
    const taken = this.#taken;
    if (taken === null || taken === 0 || this.#settled < taken) return;
    const failed = this.#failed;
    this.#onBatch?.({ accepted: taken - failed, failed, outcomes: this.#outcomes });
  }
}
