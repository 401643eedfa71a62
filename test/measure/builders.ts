import type { Frame, SelfDelta } from '../../src/measure/frame.ts';
import { Recorder } from '../../src/measure/recorder.ts';
import { UNWATCHED } from '../../src/measure/self-watch.ts';

/** A worker that counts records at chosen times, for tests of what comes after. */
export class FakeWorker {
  readonly recorder: Recorder;
  #startUs = 0;

  constructor(worker: number, phaseEndsUs: readonly number[]) {
    const phases = phaseEndsUs.map((endUs, i) => ({ startUs: phaseEndsUs[i - 1] ?? 0, endUs }));
    this.recorder = new Recorder({ worker, phases });
  }

  frame(endUs: number, self: Partial<SelfDelta> = {}, isLast = false): Frame {
    const frame = this.recorder.takeFrame(this.#startUs, endUs, { ...UNWATCHED, ...self }, isLast);
    this.#startUs = endUs;
    return frame;
  }
}
