/** Samples kept; when there are more, every second one goes and the step doubles. */
const SAMPLES_MAX = 1200;
const STEP_MS = 1000;

/** How far the reader was behind, at one moment. */
export interface BacklogSample {
  /** Since the reading began, milliseconds. */
  readonly atMs: number;
  /** Of the shard that is furthest behind. */
  readonly behindMs: number;
  /** User records and bytes read by then. */
  readonly userRecords: number;
  readonly bytes: number;
}

/** Backlog over time: how it built up and drained. Bounded, whatever the length of the reading. */
export class Backlog {
  samples: BacklogSample[] = [];
  behindMsMax = 0;
  /** When nothing was left to read for the first time since the last backlog, milliseconds since the beginning; null: never. */
  drainedAtMs: number | null = null;
  #stepMs = STEP_MS;
  #nextMs = 0;

  /** @param sample as of now; kept when a step has passed */
  add(sample: BacklogSample): void {
    const { atMs, behindMs } = sample;
    this.behindMsMax = Math.max(this.behindMsMax, behindMs);
    if (behindMs > 0) this.drainedAtMs = null;
    else this.drainedAtMs ??= atMs;
    if (atMs < this.#nextMs) return;
    this.samples.push(sample);
    this.#nextMs = atMs + this.#stepMs;
    if (this.samples.length <= SAMPLES_MAX) return;
    this.samples = this.samples.filter((_, i) => i % 2 === 0);
    this.#stepMs *= 2;
  }
}
