/** What one second of a phase adds to its series. */
export interface SecondPoint {
  /** End of the second, microseconds since the origin. */
  readonly endUs: number;
  readonly seconds: number;
  /** Accepted user records, and the sum of their response times. */
  readonly accepted: number;
  readonly responseSumUs: number;
}

/** Points kept; past them neighbours are added together, so a week's run takes no more memory than an hour's. */
const POINTS_MAX = 4096;

/** Accepted records and response times over time: what steady state and error bars are judged by. */
export class SecondSeries {
  #points: SecondPoint[] = [];
  /** Seconds that one point stands for: 1, 2, 4 … */
  #stride = 1;
  #pending: SecondPoint | null = null;
  #pendingCount = 0;

  /** Adds the next second. */
  add(point: SecondPoint): void {
    this.#pending = this.#pending === null ? point : sumOf(this.#pending, point);
    if (++this.#pendingCount < this.#stride) return;
    this.#points.push(this.#pending);
    this.#pending = null;
    this.#pendingCount = 0;
    if (this.#points.length < POINTS_MAX) return;
    this.#points = pairs(this.#points);
    this.#stride *= 2;
  }

  /** Seconds that one point stands for. */
  get pointSeconds(): number {
    return this.#stride;
  }

  /** Points in time order; those that end after `untilUs` are left out, because the load had stopped by then. */
  points(untilUs = Number.POSITIVE_INFINITY): readonly SecondPoint[] {
    return this.#points.filter(({ endUs }) => endUs <= untilUs);
  }
}

function sumOf(a: SecondPoint, b: SecondPoint): SecondPoint {
  return {
    endUs: b.endUs,
    seconds: a.seconds + b.seconds,
    accepted: a.accepted + b.accepted,
    responseSumUs: a.responseSumUs + b.responseSumUs,
  };
}

function pairs(points: readonly SecondPoint[]): SecondPoint[] {
  return points.flatMap((point, i) => {
    const next = points[i + 1];
    return i % 2 === 0 && next !== undefined ? [sumOf(point, next)] : [];
  });
}

/** Accepted user records a second. */
export function acceptedRates(points: readonly SecondPoint[]): number[] {
  return points.map(({ accepted, seconds }) => accepted / seconds);
}

/** Mean response times, microseconds; a second without an accepted record has none. */
export function responseMeansUs(points: readonly SecondPoint[]): number[] {
  return points.flatMap(({ accepted, responseSumUs }) =>
    accepted === 0 ? [] : [responseSumUs / accepted],
  );
}
