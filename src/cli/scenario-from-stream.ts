/**
 * `scenario init --from-stream`: a scenario from today's traffic. In: a profile of a stream. Out: YAML with the observed
 * rate curve, key skew and sizes. Nothing of a payload is in it, and no key: keys are made anew with the same skew.
 */
import { stringify } from 'yaml';
import { formatCount } from '../core/units.ts';
import { STAMP_BYTES } from '../kinesis/stamp.ts';
import type { KeySkew } from '../verify/key-skew.ts';
import type { ProfileData } from '../verify/profile.ts';

/** Phases that the rate curve is written in at the most. */
const PHASES_MAX = 30;
const RATE_MIN = 0.1;

/** @param profile of at least one record */
export function scenarioFromStream(profile: ProfileData, name: string): string {
  const { stream, inspectedAt, userRecords, seconds, keys, sizes } = profile;
  const isAggregated = profile.aggregates > 0;
  const scenario = {
    version: 1,
    name,
    description: `As seen on ${stream}, ${inspectedAt.slice(0, 10)}`,
    target: {
      kind: 'simulator',
      stream,
      simulator: { mode: 'provisioned', shards: Math.max(1, profile.openShards) },
    },
    load: { arrival: 'poisson', seed: 1, phases: phasesOf(profile) },
    records: {
      partitionKey: partitionKeyOf(keys.skew),
      payload: { kind: 'random', size: { kind: 'empirical', sizes: sizesOf(profile) } },
      // A stamp needs its room, which the smallest payloads may not have.
      stamp: sizes.min >= STAMP_BYTES,
    },
    producer: { profile: 'shardstorm', aggregation: { enabled: isAggregated } },
  };
  return [
    `# From the stream ${stream}: ${formatCount(userRecords)} user records in ${formatCount(Math.round(seconds))} s, read ${inspectedAt}.`,
    `# Rates, sizes and the skew of keys are as they were; payloads and keys are made up.`,
    ...(isAggregated
      ? [
          `# It held ${formatCount(Math.round(profile.userRecordsPerRecord))} user records a Kinesis record.`,
        ]
      : ['# Its records were not aggregated.']),
    ...(profile.unreadShards.length > 0
      ? ['# Not all was read in time: sizes and keys lean towards the shards that were.']
      : []),
    stringify(scenario, { lineWidth: 100 }),
  ].join('\n');
}

function partitionKeyOf(skew: KeySkew): unknown {
  if (skew.kind === 'zipf') return { ...skew, exponent: Number(skew.exponent.toFixed(2)) };
  if (skew.kind === 'uniform') return skew;
  return { ...skew, share: `${Number((skew.share * 100).toFixed(1))}%` };
}

/** The rate curve as phases of equal length. */
function phasesOf({ perSecond, userRecords, seconds }: ProfileData): unknown[] {
  const rates = perSecond.length > 0 ? perSecond : [userRecords / Math.max(1, seconds)];
  const step = Math.ceil(rates.length / PHASES_MAX);
  const phases: unknown[] = [];
  for (let from = 0; from < rates.length; from += step) {
    const part = rates.slice(from, from + step);
    const mean = part.reduce((sum, count) => sum + count, 0) / part.length;
    const rate = Math.max(RATE_MIN, Math.round(mean * 10) / 10);
    phases.push({
      name: `observed-${phases.length + 1}`,
      duration: `${part.length}s`,
      rate: `${rate}/s`,
    });
  }
  return phases;
}

function sizesOf({ sizes }: ProfileData): unknown[] {
  return sizes.classes.map(({ bytes, count }) => ({ bytes: `${bytes}B`, weight: count }));
}
