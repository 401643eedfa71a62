/**
 * Counter-based random numbers: a draw is a pure function of (seed, stream, index), so any thread draws record i without
 * walking through the records before it. Not for secrets.
 */

/** The purposes random numbers are drawn for: one stream each, so that no two purposes share a draw. */
export const RANDOM_STREAMS = {
  arrivalCount: 1,
  arrivalPosition: 2,
  recordKind: 3,
  partitionKey: 4,
  payloadSize: 5,
  payloadContent: 6,
  template: 7,
  backoff: 8,
  latency: 9,
  fault: 10,
  order: 11,
} as const;

/**
 * 32 uniform bits for (seed, stream, index). Two rounds of a multiply-xorshift mixer (the "lowbias32" constants of
 * Chris Wellons, https://nullprogram.com/blog/2018/07/31/) over the four words, each folded in before a full mix.
 * @param seed integer, 0 … 2^53
 * @param stream one of {@link RANDOM_STREAMS}, plus any small offset
 * @param index integer, 0 … 2^53
 */
export function randomU32(seed: number, stream: number, index: number): number {
  return streamU32(randomStream(seed, stream), index);
}

/** Uniform in [0, 1) with 32 bits of resolution. */
export function randomUnit(seed: number, stream: number, index: number): number {
  return randomU32(seed, stream, index) / 0x1_0000_0000;
}

/** Uniform in [0, 1) with 53 bits of resolution: for places in time and tails of distributions. */
export function randomUnit53(seed: number, stream: number, index: number): number {
  return streamUnit53(randomStream(seed, stream), index);
}

/** The half of a draw that is the same for all of (seed, stream): computed once where many are drawn from one stream. */
export function randomStream(seed: number, stream: number): number {
  const h = mix32((seed | 0) ^ Math.imul(stream, 0x9e3779b1));
  return mix32(h ^ ((seed / 0x1_0000_0000) | 0) ^ 0x85ebca6b);
}

/** {@link randomU32} of a stream. */
export function streamU32(stream: number, index: number): number {
  return streamBits(stream, index) >>> 0;
}

/** The same 32 bits as a signed integer: half of the unsigned ones are objects wherever V8 does not inline the call. */
export function streamBits(stream: number, index: number): number {
  const h = mix32(stream ^ (index | 0));
  return mix32(h ^ ((index / 0x1_0000_0000) | 0) ^ 0xc2b2ae35);
}

/** {@link randomUnit53} of a stream. */
export function streamUnit53(stream: number, index: number): number {
  const high = streamBits(stream, index);
  const low = mix32(high ^ (index | 0) ^ 0x27d4eb2f);
  return ((high >>> 0) * 0x20_0000 + (low >>> 11)) / 0x20_0000_0000_0000;
}

function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** A sequential generator for places where order is natural (simulator faults, tests): sfc32. */
export class RandomSequence {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream = 0) {
    this.#a = randomU32(seed, stream, 0);
    this.#b = randomU32(seed, stream, 1);
    this.#c = randomU32(seed, stream, 2);
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }
}
