import type { Traffic } from './even-streams.ts';
import { type PriceList, priceOf } from './prices.ts';

export interface MonthlyCost {
  readonly mode: 'provisioned' | 'on-demand standard' | 'on-demand advantage';
  readonly isAggregated: boolean;
  /** Shards that it is priced for: provisioned ones, or those that an on-demand stream grows to. null: none are enough. */
  readonly shards: number | null;
  /** null: no number of shards is enough. */
  readonly usd: number | null;
  readonly perMillionUserRecordsUsd: number | null;
  /** Bytes that are billed over payload bytes; null for provisioned, which bills by shards and PUT units. */
  readonly billedOverPayload: number | null;
}

/** A load as one kind of stream takes it. */
export interface MonthlyLoad {
  readonly perSecond: number;
  readonly meanPayloadBytes: number;
  readonly isAggregated: boolean;
  /** On as many shards as each mode has; null: none are enough. */
  readonly provisioned: Traffic | null;
  readonly onDemand: Traffic | null;
}

/** 365 days through 12. */
const SECONDS_PER_MONTH = (365 / 12) * 86_400;
const KIB_PER_MIB = 1024;
const KIB_PER_GB = 1024 ** 2;

/** A month of a mean rate in every mode. Writing only, but for the floor of on-demand advantage. */
export function monthlyCosts(load: MonthlyLoad, prices: PriceList): MonthlyCost[] {
  const { perSecond, provisioned, onDemand } = load;
  const written = (traffic: Traffic) => ({
    seconds: SECONDS_PER_MONTH,
    shards: traffic.shards,
    putUnits: traffic.putUnits * SECONDS_PER_MONTH,
    roundedKib: traffic.roundedKib * SECONDS_PER_MONTH,
  });
  const usdOf = (mode: MonthlyCost['mode'], traffic: Traffic): number => {
    if (mode === 'on-demand advantage') {
      return advantageUsd(written(traffic).roundedKib, prices.onDemandAdvantage);
    }
    const pricedAs = mode === 'provisioned' ? mode : 'on-demand';
    const { trafficUsd, streamUsd } = priceOf(written(traffic), pricedAs, prices);
    return trafficUsd + streamUsd;
  };
  const payloadKib = (perSecond * load.meanPayloadBytes) / 1024;
  return (['provisioned', 'on-demand standard', 'on-demand advantage'] as const).map((mode) => {
    const traffic = mode === 'provisioned' ? provisioned : onDemand;
    const usd = traffic === null ? null : usdOf(mode, traffic);
    const isByVolume = mode !== 'provisioned' && traffic !== null;
    return {
      mode,
      isAggregated: load.isAggregated,
      shards: traffic?.shards ?? null,
      usd,
      perMillionUserRecordsUsd: usd === null ? null : (usd / (perSecond * SECONDS_PER_MONTH)) * 1e6,
      billedOverPayload: isByVolume ? traffic.roundedKib / payloadKib : null,
    };
  });
}

/** The account is billed for so much in and so much out at the least; of the load itself the writing only. */
function advantageUsd(roundedKib: number, price: PriceList['onDemandAdvantage']): number {
  const floorKib = price.minimumMiBPerSecond * KIB_PER_MIB * SECONDS_PER_MONTH;
  const inKib = Math.max(roundedKib, floorKib);
  return (inKib * price.perGBInUsd + floorKib * price.perGBOutUsd) / KIB_PER_GB;
}
