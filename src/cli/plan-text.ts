import { formatBytes, formatCount, formatPercent } from '../core/units.ts';
import { formatUsd } from '../plan/cost.ts';
import type { Forecast } from '../plan/forecast.ts';
import type { PriceList } from '../plan/prices.ts';

/** A forecast and what it was asked for; what --json prints. */
export interface PlanDocument extends Forecast {
  readonly schema: 'shardstorm.plan/1';
  readonly scenario: string;
  readonly producers: number;
  readonly headRoom: number;
  readonly growthPerMonth: number | null;
  /** What was assumed, one sentence each. */
  readonly notes: readonly string[];
  readonly priceList: Pick<PriceList, 'date' | 'region' | 'confidence'>;
}

const SHARDS_TOLD = 8;

/** The forecast for people. @param otherRegion the load's region, where the price list is of another */
export function renderForecast(plan: PlanDocument, otherRegion: string | null): string {
  return [
    ...loadLines(plan),
    ...heatLines(plan),
    ...keyLines(plan),
    ...batchLines(plan),
    ...needLines(plan),
    ...costLines(plan, otherRegion),
    '',
    'By formula, means only; `shardstorm run --virtual` tells what queues and retries make of it.',
  ].join('\n');
}

function loadLines(plan: PlanDocument): string[] {
  const { peakPerSecond, meanPerSecond, meanPayloadBytes, producers } = plan;
  const rate = `${formatCount(peakPerSecond)}/s at the peak, ${formatCount(meanPerSecond)}/s mean`;
  const from = `from ${formatCount(producers)} producer${producers === 1 ? '' : 's'}`;
  return [
    `Plan ${plan.scenario}: ${rate}, payloads of ${formatBytes(meanPayloadBytes)}, ${from}`,
    ...plan.notes.map((note) => `  ${note}`),
  ];
}

/** Chance of a second over the limit from which the mean alone says too little. */
const BURSTY = 0.01;

function heatLines({
  shards,
  hottest,
  firstLimitPerSecond,
  peakPerSecond,
}: PlanDocument): string[] {
  const told = [...shards].sort((a, b) => b.utilisation - a.utilisation).slice(0, SHARDS_TOLD);
  const more = shards.length - told.length;
  const ofPeak = formatPercent(firstLimitPerSecond / peakPerSecond);
  return [
    '',
    `Shards at the peak        share   records/s       bytes/s  of limit        a second over it  throttled`,
    ...told.map((shard) =>
      [
        `  shard ${String(shard.shard).padEnd(12)}`,
        formatPercent(shard.share).padStart(11),
        formatCount(shard.recordsPerSecond).padStart(12),
        formatBytes(shard.bytesPerSecond).padStart(14),
        `${formatPercent(shard.utilisation).padStart(10)} ${shard.boundBy.padEnd(8)}`,
        formatPercent(shard.throttleChance).padStart(14),
        formatPercent(shard.excessShare).padStart(11),
      ].join(''),
    ),
    ...(more > 0 ? [`  … and ${formatCount(more)} more`] : []),
    `  first limit: shard ${hottest.shard}, ${hottest.boundBy}, at ${formatCount(firstLimitPerSecond)}/s in all (${ofPeak} of the peak)`,
    ...(hottest.throttleChance > BURSTY && hottest.utilisation < 1
      ? [
          '  that is of means: bursts are throttled before it; `capacity --virtual` finds from where',
        ]
      : []),
  ];
}

function keyLines({ hottestKeys }: PlanDocument): string[] {
  if (hottestKeys.length === 0) return ['', 'Hottest keys: none stands out from chance'];
  const keys = hottestKeys.map(
    ({ key, share, perSecond }) =>
      `  ${key.padEnd(24)} ${formatPercent(share).padStart(8)} ${formatCount(perSecond).padStart(10)}/s`,
  );
  return ['', 'Hottest keys', ...keys];
}

function batchLines({ batches }: PlanDocument): string[] {
  const times = [...new Set(batches.map(({ maxBufferedTimeMs }) => maxBufferedTimeMs))];
  const producers = [...new Set(batches.map((batch) => batch.producers))];
  const rows = producers.map((count) => {
    const cells = times.map((ms) => {
      const cell = batches.find((b) => b.producers === count && b.maxBufferedTimeMs === ms);
      return `${cell?.userRecordsPerRecord.toFixed(1)} ${formatBytes(cell?.bytesPerRecord ?? 0)}`;
    });
    return `  ${formatCount(count).padStart(9)}${cells.map((cell) => cell.padStart(17)).join('')}`;
  });
  const head = times.map((ms) => `${ms}ms`.padStart(17)).join('');
  return [
    '',
    'User records in a Kinesis record, and its size, by producers and buffering time (mean rate, shards as above)',
    `  producers${head}`,
    ...rows,
  ];
}

function needLines(plan: PlanDocument): string[] {
  const { shardsNeeded, headRoom, growthPerMonth, monthsToLimit, shards } = plan;
  const lines = [
    '',
    `Shards needed: ${shardsNeeded === null ? 'more than the quota' : formatCount(shardsNeeded)} of equal ranges leave ${formatPercent(headRoom)} of each free at the peak (looked at: ${formatCount(shards.length)})`,
  ];
  if (growthPerMonth === null || monthsToLimit === null) return lines;
  const when = monthsToLimit === 0 ? 'is full now' : `full in ${monthsToLimit.toFixed(1)} months`;
  return [...lines, `Growth: at +${formatPercent(growthPerMonth)} a month ${when}`];
}

function costLines(plan: PlanDocument, otherRegion: string | null): string[] {
  const { costs, priceList, meanPerSecond } = plan;
  const { onDemand, onDemandAdvantage } = priceList.confidence;
  const doubtful = [
    ...(onDemand === 'recalled' ? ['standard'] : []),
    ...(onDemandAdvantage === 'recalled' ? ['advantage'] : []),
  ].join(' and ');
  const rows = costs.map(
    ({ mode, isAggregated, shards, usd, perMillionUserRecordsUsd, billedOverPayload }) =>
      [
        `  ${mode.padEnd(22)}${isAggregated ? 'aggregated' : 'plain'}`.padEnd(36),
        usdOf(usd).padStart(12),
        usdOf(perMillionUserRecordsUsd).padStart(14),
        shards === null ? '' : `  ${formatCount(shards)} shard${shards === 1 ? '' : 's'}`,
        billedOverPayload === null ? '' : `  bills ${billedOverPayload.toFixed(2)} x the payload`,
      ].join(''),
  );
  const { cheaperNow, otherFromPerSecond } = plan.breakEven;
  const other =
    otherFromPerSecond === null
      ? ''
      : `; the other from ${formatCount(otherFromPerSecond)}/s mean (${formatPercent(otherFromPerSecond / meanPerSecond)} of this load)`;
  return [
    '',
    `Cost of a month, writing only (${priceList.region}, prices of ${priceList.date})`,
    `  ${'mode'.padEnd(34)}${'a month'.padStart(12)}${'a million'.padStart(14)}`,
    ...rows,
    `  of provisioned and on-demand standard, ${cheaperNow} is cheaper at this load${other}`,
    ...(doubtful === ''
      ? []
      : [`  prices of on-demand ${doubtful} are not verified: check them, or give --prices`]),
    ...(otherRegion === null
      ? []
      : [
          `  the load is in ${otherRegion}: the prices are those of ${priceList.region}; give --prices`,
        ]),
  ];
}

/** `-` where it is not possible. */
function usdOf(usd: number | null): string {
  return usd === null ? '-' : formatUsd(usd);
}
