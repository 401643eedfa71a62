/**
 * What merged shares of a virtual run do not say. In: their merged summary, the simulator that each had. Out: sentences.
 * Each share in virtual time has a stream of its own, so shards, service times and refusals are not those of one stream;
 * what the members did by themselves (records, keys, batches) adds up exactly.
 */
import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import type { ShardSummary, Summary } from './summary.ts';

/** What of the simulator decides whether shares are independent of each other. Same shape as a scenario's. */
interface SimulatorFacts {
  readonly latency: { readonly kind: string };
  readonly faults: readonly unknown[];
}

/** A shard takes a second's worth at once and a second's worth in that second; frames may end a little late. */
const PEAK_SHARE_MAX = 2.1;

/** The merged summary of virtual shares, with what makes it doubtful; of others, as it is. */
export function withVirtualDoubts(summary: Summary, simulator: SimulatorFacts): Summary {
  const invalidReasons = overload(summary);
  const warnings = dependence(summary, simulator);
  if (invalidReasons.length === 0) {
    return { ...summary, warnings: [...summary.warnings, ...warnings] };
  }
  return {
    ...summary,
    valid: false,
    verdict: 'invalid',
    invalidReasons: [...summary.invalidReasons, ...invalidReasons],
    warnings: [...summary.warnings, ...warnings],
  };
}

/** One stream would have refused what all of them took. */
function overload({ shards, userRecords }: Summary): string[] {
  const { accepted, acceptedPerSecond } = userRecords;
  const seconds = acceptedPerSecond === 0 ? 0 : accepted / acceptedPerSecond;
  if (seconds === 0) return [];
  // What a shard has saved up comes on top once.
  const shareMax = 1 + 1 / seconds;
  const over = shards.filter(
    (shard) => shard.utilisation > shareMax || peakShare(shard) > PEAK_SHARE_MAX,
  );
  const [worst] = over.toSorted((a, b) => b.utilisation - a.utilisation);
  if (worst === undefined) return [];
  const most = `${worst.id} the most, ${worst.utilisation.toFixed(1)} times its limit`;
  return [
    `The shares together sent more to ${over.length} of ${shards.length} shards than a shard takes (${most}): in virtual time each share has a stream of its own, and one stream would have refused it. Run it with one member.`,
  ];
}

function peakShare({ peakBytesPerSecond, peakRecordsPerSecond }: ShardSummary): number {
  return Math.max(
    peakBytesPerSecond / SHARD_WRITE_BYTES_PER_SECOND,
    peakRecordsPerSecond / SHARD_WRITE_RECORDS_PER_SECOND,
  );
}

function dependence({ attempts }: Summary, { latency, faults }: SimulatorFacts): string[] {
  const causes = [
    ...(attempts.throttled > 0 ? ['records were throttled'] : []),
    ...(latency.kind === 'fixed' || latency.kind === 'zero' ? [] : ['service times are random']),
    ...(faults.length > 0 ? ['faults were planned'] : []),
  ];
  if (causes.length === 0) return [];
  return [
    `In virtual time each share has a stream of its own, and ${causes.join(' and ')}: response times and refusals are not those of one stream. Run it with one member.`,
  ];
}
