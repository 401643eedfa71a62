/**
 * A load on streams of equal ranges, for any number of shards. In: the load and how it is batched. Out: the heat of the
 * hottest shard, the shards that a stream of either mode has, what it is billed. Shares are computed once a shard count.
 */
import { SHARD_WRITE_BYTES_PER_SECOND } from '../kinesis/limits.ts';
import { evenRanges, forecast, hottest, type Shares, sharesOf } from './heat.ts';
import { withoutNoise } from './noise.ts';
import { meanUnits, type PackingInput, packer, rateIntoAggregate } from './packing.ts';

/** Default quota of a stream (API, UpdateShardCount). */
export const SHARDS_MAX = 10_000;
/** An on-demand stream begins with so many shards, and splits each that gets more than 500 KB/s (developer guide). */
const ON_DEMAND_SHARDS_MIN = 4;
const ON_DEMAND_SHARE = 500_000 / SHARD_WRITE_BYTES_PER_SECOND;

/** What a stream is billed for, a second. */
export interface Traffic {
  readonly shards: number;
  readonly putUnits: number;
  readonly roundedKib: number;
}

/** Shares by shard count: all of them, and of the shards with the most records and bytes, one of which is the hottest. */
export type KnownShares = Map<number, { readonly all: Shares; readonly largest: Shares }>;

const TWO_SHARDS = evenRanges(2);

export class EvenStreams {
  readonly #input: PackingInput;
  readonly #shares: KnownShares;

  /** @param shares known ones, shared by the variants of a load */
  constructor(input: PackingInput, shares: KnownShares) {
    this.#input = input;
    this.#shares = shares;
  }

  /** Utilisation of the hottest of `count` shards at a rate. */
  utilisation(count: number, perSecond: number): number {
    const { largest } = this.#sharesAt(count);
    const input = { ...this.#input, shards: count };
    return hottest(forecast(input, TWO_SHARDS, largest, perSecond)).utilisation;
  }

  /** The fewest shards that keep the hottest within `limit`; null when the quota is not enough. */
  needed(perSecond: number, limit: number): number | null {
    const isEnough = (count: number) => this.utilisation(count, perSecond) <= limit;
    let low = 0;
    let high = 1;
    while (!isEnough(high)) {
      if (high === SHARDS_MAX) return null;
      low = high;
      high = Math.min(SHARDS_MAX, high * 2);
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (isEnough(middle)) high = middle;
      else low = middle;
    }
    return high;
  }

  /**
   * Shards that an on-demand stream grows to at a peak: none splits any more. A key that is too hot for that splits its
   * shard until nothing is won; null where it is too hot for any shard.
   */
  onDemand(peakPerSecond: number): number | null {
    const shards = this.needed(peakPerSecond, ON_DEMAND_SHARE) ?? this.needed(peakPerSecond, 1);
    return shards === null ? null : Math.max(ON_DEMAND_SHARDS_MIN, shards);
  }

  /** What `shards` shards are billed for at a rate. */
  traffic(shards: number, perSecond: number): Traffic {
    const { records, bytes } = this.#sharesAt(shards).all;
    const input = { ...this.#input, shards };
    const pack = packer(input);
    const known = new Map<number, Omit<Traffic, 'shards'>>();
    let putUnits = 0;
    let roundedKib = 0;
    for (const [i, share] of records.entries()) {
      // A shard with larger payloads than the others has larger records; most loads are alike everywhere.
      const size = share === 0 ? 1 : Math.round((1000 * (bytes[i] as number)) / share) / 1000;
      let billed = size === 1 ? known.get(share) : undefined;
      if (billed === undefined) {
        const packed = pack(rateIntoAggregate(input, perSecond, share));
        const recordsPerSecond = (share * perSecond) / packed.userRecordsPerRecord;
        billed = {
          putUnits: recordsPerSecond * meanUnits(packed, input.sample, 'put', size),
          roundedKib: recordsPerSecond * meanUnits(packed, input.sample, 'kib', size),
        };
        if (size === 1) known.set(share, billed);
      }
      putUnits += billed.putUnits;
      roundedKib += billed.roundedKib;
    }
    return { shards, putUnits, roundedKib };
  }

  #sharesAt(count: number): { readonly all: Shares; readonly largest: Shares } {
    let shares = this.#shares.get(count);
    if (shares === undefined) {
      const { sample } = this.#input;
      const all = withoutNoise(sharesOf(sample, evenRanges(count)), sample);
      shares = { all, largest: largestOf(all) };
      this.#shares.set(count, shares);
    }
    return shares;
  }
}

function largestOf({ records, bytes }: Shares): Shares {
  const places = [records, bytes].map((each) => {
    return each.reduce((best, value, i) => (value > (each[best] as number) ? i : best), 0);
  });
  const pick = (from: Float64Array) => Float64Array.from(places, (i) => from[i] as number);
  return { records: pick(records), bytes: pick(bytes) };
}
