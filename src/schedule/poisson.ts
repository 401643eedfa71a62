import { RANDOM_STREAMS, randomUnit53 } from '../core/random.ts';

/** Mean records of a bucket at the most: short enough to sort by insertion, long enough to spread the draw of its count. */
const BUCKET_RECORDS_MEAN = 64;

/**
 * How a phase's Poisson process is cut into buckets of equal mean, and the distribution of a bucket's count. A bucket is a
 * stretch of the cumulative count, not of time, so one process of rate 1 serves every shape of rate: its count is drawn
 * from (seed, bucket) and its records lie uniformly and independently in it, which together is exactly a Poisson process.
 */
export class PoissonBuckets {
  readonly count: number;
  /** Mean records of each bucket, above 0. */
  readonly mean: number;
  /** `#cumulative[n]`: probability of n records or fewer. */
  readonly #cumulative: Float64Array;

  /** @param total mean records of the phase, above 0 */
  constructor(total: number) {
    this.count = Math.max(1, Math.ceil(total / BUCKET_RECORDS_MEAN));
    this.mean = total / this.count;
    this.#cumulative = poissonCumulative(this.mean);
  }

  /** Records of a bucket at the most. */
  get recordsMax(): number {
    return this.#cumulative.length - 1;
  }

  /**
   * The count of a bucket, by inversion: exact to the 53 bits of the draw.
   * @param bucket number of the bucket among all of the schedule
   */
  draw(seed: number, bucket: number): number {
    const unit = randomUnit53(seed, RANDOM_STREAMS.arrivalCount, bucket);
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cumulative[middle] as number) > unit) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Up to the count that is exceeded with a probability below 2^-53. */
function poissonCumulative(mean: number): Float64Array {
  const cumulative: number[] = [];
  let probability = Math.exp(-mean);
  let sum = probability;
  const countMax = mean + 12 * Math.sqrt(mean) + 24;
  for (let n = 0; n < countMax; n++) {
    cumulative.push(sum);
    probability *= mean / (n + 1);
    sum += probability;
  }
  return Float64Array.from(cumulative);
}
