/**
 * The rate of one phase as its cumulative count N(t) and the inverse of it. Every shape answers one question, when the
 * count reaches x, from x alone: times are computed, never accumulated. Counts are real numbers, because a phase may
 * begin and end between two records.
 */

/** A rate over one phase. */
export interface Shape {
  /** N(duration): records of the phase, fractional. */
  readonly total: number;
  /** The highest rate that the phase reaches; Infinity for recorded instants. */
  readonly peakPerSecond: number;
  /**
   * The last instant at which no more than `x` records have come, microseconds from the phase's start.
   * @param x 0 … total
   */
  timeUs(x: number): number;
}

/** A rate that goes from one value to another in a straight line; a constant rate where they are equal. */
export class LinearShape implements Shape {
  readonly total: number;
  readonly peakPerSecond: number;
  readonly #from: number;
  readonly #slope: number;

  /** @param durationUs above 0; rates a second, at least 0 */
  constructor(fromPerSecond: number, toPerSecond: number, durationUs: number) {
    this.total = ((fromPerSecond + toPerSecond) / 2) * (durationUs / 1e6);
    this.peakPerSecond = Math.max(fromPerSecond, toPerSecond);
    this.#from = fromPerSecond;
    this.#slope = (toPerSecond - fromPerSecond) / (durationUs / 1e6);
  }

  /**
   * N(t) = r t + s t²/2 solved as t = 2 x / (r + √(r² + 2 s x)): the form of the root that keeps its digits when the
   * slope is small, and x / r when it is zero.
   */
  timeUs(x: number): number {
    if (this.#slope === 0) return (x * 1e6) / this.#from;
    const root = Math.sqrt(Math.max(0, this.#from * this.#from + 2 * this.#slope * x));
    return x === 0 ? 0 : (2e6 * x) / (this.#from + root);
  }
}

/** A stretch of constant rate. */
export interface Piece {
  readonly perSecond: number;
  readonly durationUs: number;
}

/**
 * A count this little below where a piece begins is in it, since rates times durations are rounded: the first record of a
 * burst must not come at the end of the one before, a silence earlier.
 */
const PIECE_TOLERANCE = 1e-6;

/** Constant rates one after the other, repeated for as long as the phase lasts. */
export class PiecewiseShape implements Shape {
  readonly total: number;
  readonly peakPerSecond: number;
  readonly #pieces: readonly Piece[];
  /** Count and time at the start of each piece, and at the end of the last. */
  readonly #startCount: Float64Array;
  readonly #startUs: Float64Array;

  /** @param pieces at least one, each with a duration above 0 */
  constructor(pieces: readonly Piece[], durationUs: number) {
    this.#pieces = pieces;
    this.#startCount = new Float64Array(pieces.length + 1);
    this.#startUs = new Float64Array(pieces.length + 1);
    pieces.forEach((piece, i) => {
      const count = (piece.perSecond * piece.durationUs) / 1e6;
      this.#startCount[i + 1] = (this.#startCount[i] as number) + count;
      this.#startUs[i + 1] = (this.#startUs[i] as number) + piece.durationUs;
    });
    this.total = this.#countAt(durationUs);
    const reached = pieces.filter((_, i) => (this.#startUs[i] as number) < durationUs);
    this.peakPerSecond = Math.max(...reached.map(({ perSecond }) => perSecond));
  }

  timeUs(x: number): number {
    const last = this.#pieces.length;
    const roundCount = this.#startCount[last] as number;
    const rounds = roundCount > 0 ? Math.floor((x + PIECE_TOLERANCE) / roundCount) : 0;
    const rest = x - rounds * roundCount;
    const k = lastAtMost(this.#startCount, last, rest + PIECE_TOLERANCE);
    const perSecond = (this.#pieces[k] as Piece).perSecond;
    const above = Math.max(0, rest - (this.#startCount[k] as number));
    const inPiece = perSecond > 0 ? (above * 1e6) / perSecond : 0;
    return rounds * (this.#startUs[last] as number) + (this.#startUs[k] as number) + inPiece;
  }

  #countAt(us: number): number {
    const last = this.#pieces.length;
    const roundUs = this.#startUs[last] as number;
    const rounds = Math.floor(us / roundUs);
    const rest = us - rounds * roundUs;
    const k = lastAtMost(this.#startUs, last, rest);
    const inPiece =
      ((rest - (this.#startUs[k] as number)) * (this.#pieces[k] as Piece).perSecond) / 1e6;
    return rounds * (this.#startCount[last] as number) + (this.#startCount[k] as number) + inPiece;
  }
}

/** Points of the table that brackets the inverse of a sine. */
const SINE_TABLE_POINTS = 256;
/** Newton converges in 2 or 3 steps; bisection alone would need about 50. */
const SINE_STEPS_MAX = 64;

/** mean + amplitude · sin(2 π t / period), starting at the mean and going up. */
export class SineShape implements Shape {
  readonly total: number;
  readonly peakPerSecond: number;
  readonly #mean: number;
  readonly #amplitude: number;
  readonly #periodUs: number;
  readonly #periodCount: number;
  /** Count after k/256 of a period. */
  readonly #table = new Float64Array(SINE_TABLE_POINTS + 1);

  /** @param amplitudePerSecond 0 … meanPerSecond, so that the rate is never below 0 */
  constructor(
    meanPerSecond: number,
    amplitudePerSecond: number,
    periodUs: number,
    durationUs: number,
  ) {
    this.#mean = meanPerSecond / 1e6;
    this.#amplitude = amplitudePerSecond / 1e6;
    this.#periodUs = periodUs;
    this.#periodCount = this.#mean * periodUs;
    for (let k = 0; k <= SINE_TABLE_POINTS; k++) {
      this.#table[k] = this.#countAt((k / SINE_TABLE_POINTS) * periodUs);
    }
    this.total = this.#countAt(durationUs);
    this.peakPerSecond = this.#rateAt(Math.min(durationUs, periodUs / 4)) * 1e6;
  }

  /** Newton inside a bracket of the table, with bisection where a step would leave it (rates near zero). */
  timeUs(x: number): number {
    const periods = Math.floor(x / this.#periodCount);
    const rest = x - periods * this.#periodCount;
    const k = lastAtMost(this.#table, SINE_TABLE_POINTS, rest);
    const cellUs = this.#periodUs / SINE_TABLE_POINTS;
    let low = k * cellUs;
    let high = low + cellUs;
    const cellCount = (this.#table[k + 1] as number) - (this.#table[k] as number);
    let at = low + (cellCount > 0 ? (rest - (this.#table[k] as number)) / cellCount : 0) * cellUs;
    for (let step = 0; step < SINE_STEPS_MAX; step++) {
      const excess = this.#countAt(at) - rest;
      if (excess > 0) high = at;
      else low = at;
      let next = at - excess / this.#rateAt(at);
      if (!(next >= low && next <= high)) next = (low + high) / 2;
      const moved = Math.abs(next - at);
      at = next;
      if (moved < 1e-4) break;
    }
    return periods * this.#periodUs + at;
  }

  #countAt(us: number): number {
    const turn = (2 * Math.PI) / this.#periodUs;
    return this.#mean * us + (this.#amplitude / turn) * (1 - Math.cos(turn * us));
  }

  #rateAt(us: number): number {
    return this.#mean + this.#amplitude * Math.sin((2 * Math.PI * us) / this.#periodUs);
  }
}

/** Recorded times. The count jumps by one at each, so record n of the phase is due at the n-th time. */
export class ReplayShape implements Shape {
  readonly total: number;
  readonly peakPerSecond = Number.POSITIVE_INFINITY;
  readonly #timesUs: Float64Array;

  /** @param timesUs offsets from the phase's start, ascending; those past the phase's end are left out */
  constructor(timesUs: Float64Array, durationUs: number) {
    let count = 0;
    while (count < timesUs.length && (timesUs[count] as number) < durationUs) count++;
    this.total = count;
    this.#timesUs = timesUs;
  }

  timeUs(x: number): number {
    return this.#timesUs[Math.min(Math.floor(x), this.total - 1)] as number;
  }
}

/** The last k below `count` with `ascending[k] <= value`; 0 if there is none. */
function lastAtMost(ascending: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= value) low = middle;
    else high = middle;
  }
  return low;
}
