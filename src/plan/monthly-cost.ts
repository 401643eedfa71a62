import { ON_DEMAND_STEP_BYTES, PUT_UNIT_BYTES } from '../kinesis/limits.ts';
import { type PackingInput, packer, rateIntoAggregate } from './packing.ts';
import { type PriceList, priceOf } from './prices.ts';

export interface MonthlyCost {
  readonly mode: 'provisioned' | 'on-demand standard' | 'on-demand advantage';
  readonly isAggregated: boolean;
  /** Shards that it takes; null for on-demand, and where no number of shards is enough. */
  readonly shards: number | null;
  /** null: no number of shards is enough. */
  readonly usd: number | null;
  readonly perMillionUserRecordsUsd: number | null;
  /** Bytes that are billed over payload bytes; null for provisioned, which bills by shards and PUT units. */
  readonly billedOverPayload: number | null;
}

/** 365 days through 12. */
const SECONDS_PER_MONTH = (365 / 12) * 86_400;
const KIB_PER_MIB = 1024;

/**
 * A month of a mean rate, in every mode, with aggregation as it is and without. Writing only.
 * @param shardsNeeded how many shards it takes at the peak; null: no number is enough
 */
export function monthlyCosts(
  input: PackingInput,
  perSecond: number,
  prices: PriceList,
  shardsNeeded: (isAggregated: boolean) => number | null,
): MonthlyCost[] {
  const variants = input.aggregation.enabled ? [true, false] : [false];
  return variants.flatMap((isAggregated) => {
    const aggregation = { ...input.aggregation, enabled: isAggregated };
    const pack = packer({ ...input, aggregation });
    const { userRecordsPerRecord, bytesPerRecord } = pack(rateIntoAggregate(input, perSecond));
    const records = (perSecond * SECONDS_PER_MONTH) / userRecordsPerRecord;
    const roundedBytes = Math.ceil(bytesPerRecord / ON_DEMAND_STEP_BYTES) * ON_DEMAND_STEP_BYTES;
    const shards = shardsNeeded(isAggregated);
    const load = {
      seconds: SECONDS_PER_MONTH,
      shards: shards ?? 0,
      putUnits: records * Math.ceil(bytesPerRecord / PUT_UNIT_BYTES),
      roundedKib: (records * roundedBytes) / 1024,
    };
    const { onDemandAdvantage: advantage } = prices;
    const floorKib = advantage.minimumMiBPerSecond * KIB_PER_MIB * SECONDS_PER_MONTH;
    const advantageKib = Math.max(load.roundedKib, floorKib);
    const usd = {
      provisioned: shards === null ? null : sum(priceOf(load, 'provisioned', prices)),
      'on-demand standard': sum(priceOf(load, 'on-demand', prices)),
      'on-demand advantage': (advantageKib / 1024 ** 2) * advantage.perGBInUsd,
    };
    const payloadBytes = perSecond * SECONDS_PER_MONTH * input.sample.meanPayloadBytes;
    return (Object.keys(usd) as MonthlyCost['mode'][]).map((mode) => ({
      mode,
      isAggregated,
      shards: mode === 'provisioned' ? shards : null,
      usd: usd[mode],
      perMillionUserRecordsUsd: perMillion(usd[mode], perSecond),
      billedOverPayload: mode === 'provisioned' ? null : (records * roundedBytes) / payloadBytes,
    }));
  });
}

function sum({
  trafficUsd,
  streamUsd,
}: {
  readonly trafficUsd: number;
  readonly streamUsd: number;
}) {
  return trafficUsd + streamUsd;
}

function perMillion(usd: number | null, perSecond: number): number | null {
  return usd === null ? null : (usd / (perSecond * SECONDS_PER_MONTH)) * 1e6;
}
