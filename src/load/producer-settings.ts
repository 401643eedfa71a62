import { ShardstormError } from '../core/errors.ts';
import { RESOURCE_NOT_FOUND } from '../kinesis/error-codes.ts';
import type { ProducerSettings } from '../producer/settings.ts';
import type { ProducerPlan } from '../scenario/plan.ts';

/** A producer's part of the memory is never less, or its largest record would not fit. */
const BUFFERED_BYTES_MIN = 1024 * 1024;

/** A plan's producer section as one producer's settings: what belongs to the whole run is divided among all producers. */
export function producerSettings(plan: ProducerPlan, producers: number): ProducerSettings {
  const { rateLimit, maxBufferedBytes } = plan;
  return {
    profile: plan.profile,
    aggregation: plan.aggregation,
    collection: plan.collection,
    maxBufferedTimeUs: plan.maxBufferedTimeUs,
    recordTtlUs: plan.recordTtlUs,
    rateLimit,
    maxConnections: plan.maxConnections,
    failIfThrottled: plan.failIfThrottled,
    maxBufferedBytes: Math.max(BUFFERED_BYTES_MIN, Math.floor(maxBufferedBytes / producers)),
    maxAttempts: plan.maxAttempts ?? Number.POSITIVE_INFINITY,
    aggregateBy: plan.aggregateBy,
    containerKey: plan.containerKey,
    ordered: plan.ordered,
  };
}

/** A stream whose shards cannot be listed cannot be loaded. */
export function listingError(stream: string, code: string, message: string): ShardstormError {
  return code === RESOURCE_NOT_FOUND
    ? new ShardstormError('SHARDSTORM_SERVICE_STREAM_MISSING', message, {
        hint: `Create the stream "${stream}", or set target.create.`,
      })
    : new ShardstormError(
        'SHARDSTORM_SERVICE_ERROR',
        `the shards of stream "${stream}" cannot be listed: ${code}: ${message}`,
        { hint: 'Check the endpoint, the region and the permission kinesis:ListShards.' },
      );
}
