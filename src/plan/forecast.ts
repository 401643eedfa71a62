/**
 * What a load will do to a stream, by formula. In: a sample of the load, its rates, how producers batch, the shards. Out:
 * each shard's heat, what binds first, the shards needed, batch sizes by buffering time and producers, monthly costs.
 * Means and normal approximations: `run --virtual` tells what queues and retries make of it.
 */
import { ShardstormError } from '../core/errors.ts';
import { formatCount, formatPercent } from '../core/units.ts';
import { EvenStreams, type KnownShares, SHARDS_MAX } from './even-streams.ts';
import { forecast, hottest, type ShardForecast, type ShardRanges, sharesOf } from './heat.ts';
import { type MonthlyCost, monthlyCosts } from './monthly-cost.ts';
import { standsOut, withoutNoise } from './noise.ts';
import { type PackingInput, packer, rateIntoAggregate } from './packing.ts';
import type { PriceList } from './prices.ts';
import type { LoadRates, LoadSample } from './sample.ts';

export interface ForecastInput {
  readonly sample: LoadSample;
  readonly rates: LoadRates;
  readonly ranges: ShardRanges;
  readonly packing: PackingInput;
  /** Share of a shard's limits to leave free at the peak, 0 … 1. */
  readonly headRoom: number;
  /** Growth of the load a month, as a fraction; null: not asked. */
  readonly growthPerMonth: number | null;
  readonly prices: PriceList;
}

interface HotKey {
  readonly key: string;
  readonly share: number;
  readonly perSecond: number;
}

interface BatchForecast {
  readonly producers: number;
  readonly maxBufferedTimeMs: number;
  readonly userRecordsPerRecord: number;
  readonly bytesPerRecord: number;
}

/** Which of provisioned and on-demand standard is cheaper for this load, and where that changes. */
interface BreakEven {
  readonly cheaperNow: 'provisioned' | 'on-demand standard';
  /** Mean user records a second, the nearest; null: not within a factor of 64 either way. */
  readonly otherFromPerSecond: number | null;
}

export interface Forecast {
  readonly peakPerSecond: number;
  readonly meanPerSecond: number;
  readonly meanPayloadBytes: number;
  readonly shards: readonly ShardForecast[];
  readonly hottest: ShardForecast;
  /** User records a second at which the first shard reaches a limit. */
  readonly firstLimitPerSecond: number;
  /** Those that stand out from chance; none of a uniform load do. */
  readonly hottestKeys: readonly HotKey[];
  /** null: no number of shards up to the quota is enough. */
  readonly shardsNeeded: number | null;
  readonly batches: readonly BatchForecast[];
  readonly costs: readonly MonthlyCost[];
  readonly breakEven: BreakEven;
  /** Months until the first limit at the given growth; null: not asked. */
  readonly monthsToLimit: number | null;
}

const HOT_KEYS_TOLD = 5;
const RATE_MAX = 1e9;
const DOUBLINGS_MAX = 6;
/**
 * Shards come whole, so a mode's cost rises by stairs and the cheaper one may change more than once. Of few shards each is
 * a high stair: steps that are small enough to meet the first change.
 */
const FEW_SHARDS = 12;
const SMALL_STEP = 2 ** (1 / 12);
const HALVINGS = 10;
const BUFFERING_MS = [20, 50, 100, 250, 500, 1000];

/** @throws ShardstormError SHARDSTORM_SCENARIO_INVALID for a load that no number of shards takes */
export function forecastLoad(input: ForecastInput): Forecast {
  const { sample, rates, ranges, growthPerMonth } = input;
  const { peakPerSecond, meanPerSecond } = rates;
  const shares = withoutNoise(sharesOf(sample, ranges), sample);
  const shards = forecast(input.packing, ranges, shares, peakPerSecond);
  const firstLimitPerSecond = largest((perSecond) => {
    return hottest(forecast(input.packing, ranges, shares, perSecond)).utilisation <= 1;
  });
  const hottestKeys = hotKeys(sample, peakPerSecond);
  const limit = 1 - input.headRoom;
  const variants = variantsOf(input.packing);
  const { streams } = variants[0];
  const needed = streams.needed(peakPerSecond, limit);
  if (needed === null) throw impossible(input, streams, hottestKeys[0]);
  const months = (growth: number) =>
    Math.max(0, Math.log(firstLimitPerSecond / peakPerSecond) / Math.log1p(growth));
  return {
    peakPerSecond,
    meanPerSecond,
    meanPayloadBytes: sample.meanPayloadBytes,
    shards,
    hottest: hottest(shards),
    firstLimitPerSecond,
    hottestKeys,
    shardsNeeded: needed,
    batches: batchesOf(input),
    costs: variants.flatMap((variant) => costsAt(input, variant, meanPerSecond)),
    breakEven: breakEven(input, variants[0], needed),
    monthsToLimit: growthPerMonth === null ? null : months(growthPerMonth),
  };
}

/** The largest rate that is allowed, by bisection; what is allowed at a rate must be so at lower ones. */
function largest(isAllowed: (perSecond: number) => boolean): number {
  let low = 0;
  let high = 1;
  while (high < RATE_MAX && isAllowed(high)) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (isAllowed(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function hotKeys(sample: LoadSample, perSecond: number): HotKey[] {
  const counts = new Map<number, number>();
  for (const key of sample.key) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => standsOut(count, counts.size, sample.count))
    .sort((a, b) => b[1] - a[1])
    .slice(0, HOT_KEYS_TOLD)
    .map(([key, count]) => {
      const share = count / sample.count;
      return { key: sample.keyText(key), share, perSecond: share * perSecond };
    });
}

interface Variant {
  readonly isAggregated: boolean;
  readonly streams: EvenStreams;
}

/** The load as its producers batch it, and, where they aggregate, without. */
function variantsOf(packing: PackingInput): readonly [Variant, ...Variant[]] {
  const known: KnownShares = new Map();
  const isAggregated = packing.aggregation.enabled;
  const asItIs = { isAggregated, streams: new EvenStreams(packing, known) };
  const plain = { ...packing, aggregation: { ...packing.aggregation, enabled: false } };
  if (!isAggregated) return [asItIs];
  return [asItIs, { isAggregated: false, streams: new EvenStreams(plain, known) }];
}

/** A month at a mean rate whose peaks are as high above it as the load's, each mode on the shards that it takes. */
function costsAt(
  { sample, rates, headRoom, prices }: ForecastInput,
  { isAggregated, streams }: Variant,
  perSecond: number,
): MonthlyCost[] {
  const peakPerSecond = perSecond * (rates.peakPerSecond / rates.meanPerSecond);
  const on = (shards: number | null) =>
    shards === null ? null : streams.traffic(shards, perSecond);
  const load = {
    perSecond,
    meanPayloadBytes: sample.meanPayloadBytes,
    isAggregated,
    provisioned: on(streams.needed(peakPerSecond, 1 - headRoom)),
    onDemand: on(streams.onDemand(peakPerSecond)),
  };
  return monthlyCosts(load, prices);
}

/** A key lives in one shard, so no number of shards helps it. */
function impossible(
  { headRoom, rates }: ForecastInput,
  streams: EvenStreams,
  key: HotKey | undefined,
): ShardstormError {
  const possible = largest((perSecond) => {
    return streams.utilisation(SHARDS_MAX, perSecond) <= 1 - headRoom;
  });
  const { peakPerSecond } = rates;
  const share = key === undefined ? '' : `; its hottest key has ${formatPercent(key.share)}`;
  return new ShardstormError(
    'SHARDSTORM_SCENARIO_INVALID',
    `load.phases: no number of shards up to ${formatCount(SHARDS_MAX)} takes ${formatCount(peakPerSecond)}/s of this load and keeps ${formatPercent(headRoom)} of each free (head room)${share}`,
    {
      hint: `The nearest possible rate is ${formatCount(Math.floor(possible))}/s (--rate ${Math.floor(possible)}/s); more needs other partition keys, aggregation, or less --head-room.`,
    },
  );
}

function batchesOf({ packing, rates }: ForecastInput): BatchForecast[] {
  const { producers } = packing;
  return [...new Set([1, producers, producers * 10, producers * 100])].flatMap((count) =>
    BUFFERING_MS.map((ms): BatchForecast => {
      const pack = packer({ ...packing, producers: count, maxBufferedTimeUs: ms * 1000 });
      const { userRecordsPerRecord, bytesPerRecord } = pack(
        rateIntoAggregate(packing, rates.meanPerSecond),
      );
      return { producers: count, maxBufferedTimeMs: ms, userRecordsPerRecord, bytesPerRecord };
    }),
  );
}

/** The rate nearest to the load's at which provisioned and on-demand standard cost the same. */
function breakEven(input: ForecastInput, variant: Variant, shardsNeeded: number): BreakEven {
  const { rates } = input;
  const cheaperAt = (perSecond: number): BreakEven['cheaperNow'] => {
    const costs = costsAt(input, variant, perSecond);
    const of = (mode: MonthlyCost['mode']) =>
      costs.find((cost) => cost.mode === mode)?.usd ?? Number.POSITIVE_INFINITY;
    return of('on-demand standard') < of('provisioned') ? 'on-demand standard' : 'provisioned';
  };
  const cheaperNow = cheaperAt(rates.meanPerSecond);
  const stride = shardsNeeded > FEW_SHARDS ? 2 : SMALL_STEP;
  for (let beside = stride; beside <= 2 ** DOUBLINGS_MAX; beside *= stride) {
    for (const step of [1 / stride, stride]) {
      const far = rates.meanPerSecond * (step < 1 ? 1 / beside : beside);
      if (cheaperAt(far) === cheaperNow) continue;
      let near = far / step;
      let beyond = far;
      for (let i = 0; i < HALVINGS; i++) {
        const middle = Math.sqrt(near * beyond);
        if (cheaperAt(middle) === cheaperNow) near = middle;
        else beyond = middle;
      }
      return { cheaperNow, otherFromPerSecond: beyond };
    }
  }
  return { cheaperNow, otherFromPerSecond: null };
}
