/**
 * What a load costs to write. In: a load as the service counts it (for each Kinesis record, not for its bytes together)
 * and a price list. Out: US dollars. Reading, retention beyond a day and the network are not in it.
 */
import { defaultPrices, type PriceList, priceOf, type StreamMode } from './prices.ts';

/** What a run wrote in its measured phases. */
export interface WrittenLoad {
  readonly seconds: number;
  readonly shards: number;
  readonly putUnits: number;
  readonly roundedKib: number;
  /** Bytes of the Kinesis records, and user records in them. */
  readonly bytes: number;
  readonly userRecords: number;
}

/** The part of summary.json with the same name. */
export interface Cost {
  readonly assumptions: string;
  readonly perHourUsd: number;
  readonly perGBUsd: number;
  readonly perMillionRecordsUsd: number;
  readonly priceListDate: string;
}

const BYTES_PER_GB = 1e9;

/** The cost of going on like this; null when nothing was written, since a price of nothing says nothing. */
export function costOf(
  load: WrittenLoad,
  mode: StreamMode,
  prices: PriceList = defaultPrices(),
): Cost | null {
  if (load.seconds <= 0 || load.userRecords <= 0 || load.bytes <= 0) return null;
  const { trafficUsd, streamUsd } = priceOf(load, mode, prices);
  const usd = trafficUsd + streamUsd;
  return {
    assumptions: `${assumptionsOf(load.shards, mode, prices)}, at the measured load`,
    perHourUsd: (usd / load.seconds) * 3600,
    perGBUsd: usd / (load.bytes / BYTES_PER_GB),
    perMillionRecordsUsd: usd / (load.userRecords / 1e6),
    priceListDate: prices.date,
  };
}

/** The prices that a figure rests on, as one phrase. */
export function assumptionsOf(shards: number, mode: StreamMode, prices: PriceList): string {
  const { provisioned, onDemand, confidence, region } = prices;
  const [what, sureness] =
    mode === 'provisioned'
      ? [
          `provisioned with ${shards} shard${shards === 1 ? '' : 's'}, ${formatUsd(provisioned.shardHourUsd)} a shard-hour and ${formatUsd(provisioned.perMillionPutUnitsUsd)} a million PUT units of 25 KB`,
          confidence.provisioned,
        ]
      : [
          `on-demand standard, ${formatUsd(onDemand.streamHourUsd)} a stream-hour and ${formatUsd(onDemand.perGBInUsd)} a GB written, each record rounded up to 1 KB`,
          confidence.onDemand,
        ];
  const doubt = sureness === 'recalled' ? ' (prices not verified)' : '';
  return `${region}, ${what}${doubt}; writing only`;
}

/** `$12.34`, `$0.0150`, `$0.000014`: at least three significant digits below a dollar. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  if (Math.abs(usd) >= 1) return `$${usd.toFixed(2)}`;
  return `$${Number(usd.toPrecision(3)).toFixed(Math.min(12, 2 - Math.floor(Math.log10(Math.abs(usd)))))}`;
}
