import { RANDOM_STREAMS, RandomSequence } from '../../core/random.ts';
import type { LatencyModel, MeasuredTimes } from './options.ts';

/** Standard normal quantile of 0.99. */
const Z99 = 2.3263478740408408;
const BODY_STEP_BYTES = 100 * 1024;
/** Relative width of a histogram's step: values are kept to three digits. */
const STEP_WIDTH = 0.001;

/** A log-normal service time with a rare long tail and a part for the size of the body. */
interface Shape {
  readonly medianUs: number;
  readonly p99Us: number;
  readonly tailChance: number;
  readonly tailFromUs: number;
  readonly tailToUs: number;
  readonly perBodyStepUs: number;
}

const NO_TAIL = { tailChance: 0, tailFromUs: 0, tailToUs: 0, perBodyStepUs: 0 };

/**
 * An assumption, not a measurement: AWS publishes no percentiles of PutRecords. Derived from published end-to-end times
 * of enhanced fan-out (P50 49 ms, P99 109 ms, bitesizedserverless.com 2022, two service calls and a function start) and
 * the 20–30 ms round trips that practitioners report.
 */
const AWS_PUT: Shape = {
  medianUs: 12_000,
  p99Us: 60_000,
  tailChance: 1e-5,
  tailFromUs: 1_000_000,
  tailToUs: 5_000_000,
  perBodyStepUs: 500,
};

const AWS_READ: Shape = { ...NO_TAIL, medianUs: 10_000, p99Us: 50_000 };
const AWS_CONTROL: Shape = { ...NO_TAIL, medianUs: 60_000, p99Us: 200_000 };
const READS: readonly string[] = ['GetRecords', 'GetShardIterator'];

/** Service times, drawn from one seed. */
export class ServiceTime {
  readonly #model: LatencyModel;
  readonly #random: RandomSequence;

  constructor(model: LatencyModel, seed: number) {
    this.#model = model;
    this.#random = new RandomSequence(seed, RANDOM_STREAMS.latency);
  }

  /** Microseconds that a call takes. @param bodyBytes data and keys that it carries */
  drawUs(operation: string, bodyBytes: number): number {
    const model = this.#model.operations?.[operation] ?? this.#model;
    const bodyUs = (bodyBytes / BODY_STEP_BYTES) * (model.perBodyUs ?? 0);
    switch (model.kind) {
      case 'zero':
        return bodyUs;
      case 'fixed':
        return model.us + bodyUs;
      case 'lognormal':
        return this.#logNormalUs(model) + bodyUs;
      case 'measured':
        return this.#measuredUs(model.times) + bodyUs;
      case 'aws-like':
        return this.#shapedUs(awsShape(operation), bodyBytes) + bodyUs;
    }
  }

  #shapedUs(shape: Shape, bodyBytes: number): number {
    let us = this.#logNormalUs(shape);
    if (shape.tailChance > 0 && this.#random.unit() < shape.tailChance) {
      us = shape.tailFromUs + (shape.tailToUs - shape.tailFromUs) * this.#random.unit();
    }
    return us + (bodyBytes / BODY_STEP_BYTES) * shape.perBodyStepUs;
  }

  #logNormalUs({ medianUs, p99Us }: { readonly medianUs: number; readonly p99Us: number }): number {
    const sigma = Math.log(p99Us / medianUs) / Z99;
    return medianUs * Math.exp(sigma * this.#random.normal());
  }

  /** Evenly within the step that the draw falls in. */
  #measuredUs({ upToUs, cumulative }: MeasuredTimes): number {
    const share = this.#random.unit();
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] as number) > share) high = middle;
      else low = middle + 1;
    }
    const from = low === 0 ? 0 : (cumulative[low - 1] as number);
    const part = (share - from) / ((cumulative[low] as number) - from);
    const top = upToUs[low] as number;
    const bottom = low === 0 ? top : (upToUs[low - 1] as number);
    // A histogram's steps are narrow; a wider one is a gap without values.
    return (
      Math.max(bottom, top * (1 - STEP_WIDTH)) + part * Math.min(top - bottom, top * STEP_WIDTH)
    );
  }
}

function awsShape(operation: string): Shape {
  if (operation.startsWith('PutRecord')) return AWS_PUT;
  return READS.includes(operation) ? AWS_READ : AWS_CONTROL;
}
