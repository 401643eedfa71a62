import { RANDOM_STREAMS, RandomSequence } from '../../core/random.ts';
import type { LatencyModel } from './options.ts';

/** Standard normal quantile of 0.99. */
const Z99 = 2.3263478740408408;
const BODY_STEP_BYTES = 100 * 1024;

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
  readonly #fixedUs: number;
  /** null: the same for every draw. */
  readonly #shapeOf: ((operation: string) => Shape) | null;
  readonly #random: RandomSequence;

  constructor(model: LatencyModel, seed: number) {
    this.#fixedUs = model.kind === 'fixed' ? model.us : 0;
    this.#random = new RandomSequence(seed, RANDOM_STREAMS.latency);
    const given = model.kind === 'lognormal' ? { ...model, ...NO_TAIL } : null;
    if (given !== null) this.#shapeOf = () => given;
    else this.#shapeOf = model.kind === 'aws-like' ? awsShape : null;
  }

  /** Microseconds that a call takes. @param bodyBytes data and keys that it carries */
  drawUs(operation: string, bodyBytes: number): number {
    if (this.#shapeOf === null) return this.#fixedUs;
    const shape = this.#shapeOf(operation);
    const sigma = Math.log(shape.p99Us / shape.medianUs) / Z99;
    let us = shape.medianUs * Math.exp(sigma * this.#random.normal());
    if (shape.tailChance > 0 && this.#random.unit() < shape.tailChance) {
      us = shape.tailFromUs + (shape.tailToUs - shape.tailFromUs) * this.#random.unit();
    }
    return us + (bodyBytes / BODY_STEP_BYTES) * shape.perBodyStepUs;
  }
}

function awsShape(operation: string): Shape {
  if (operation.startsWith('PutRecord')) return AWS_PUT;
  return READS.includes(operation) ? AWS_READ : AWS_CONTROL;
}
