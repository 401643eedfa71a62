/**
 * Default values of the producer's settings. The base is the Kinesis Producer Library's, release 1.0.7
 * (awslabs/amazon-kinesis-producer, KinesisProducerConfiguration, read November 2026), for whatever it has a setting;
 * a profile is its differences from that base. How a profile behaves beyond its values is the producer's own table.
 */
import type { ProducerPlan } from './plan.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND_US = 1_000_000;

type Profile = ProducerPlan['profile'];
export type ProducerDefaults = Omit<ProducerPlan, 'profile'>;

const KPL: ProducerDefaults = {
  transport: 'direct',
  protocol: 'cbor',
  http: '1.1',
  aggregation: { enabled: true, maxCount: 4_294_967_295, maxBytes: 50 * KIB },
  collection: { maxCount: 500, maxBytes: 5 * MIB, maxShardBytes: 256 * KIB },
  maxBufferedTimeUs: 100_000,
  recordTtlUs: 30 * SECOND_US,
  rateLimit: { fraction: 1.5, share: 'producer' },
  maxConnections: 24,
  requestTimeoutUs: 6 * SECOND_US,
  failIfThrottled: false,
  maxBufferedBytes: 64 * MIB,
  overload: 'wait',
  aggregateBy: 'shard',
  containerKey: null,
  ordered: false,
  maxAttempts: null,
};

const DIFFERENCES: Readonly<Record<Profile, Partial<ProducerDefaults>>> = {
  shardstorm: {},
  /**
   * The KPL's queues have no bound; this one is far enough for records, each with its part of a call's body, to expire
   * first, as they do there.
   */
  kpl: { maxBufferedBytes: 1024 * MIB },
  /**
   * a8m/kinesis-producer, config.go: flush every 5 s, retry for ever, no limiter, a backlog of 500 aggregates, which count
   * here with as much for the bodies that carry them.
   */
  a8m: {
    collection: { maxCount: 500, maxBytes: 5 * MIB, maxShardBytes: 5 * MIB },
    maxBufferedTimeUs: 5 * SECOND_US,
    recordTtlUs: 3600 * SECOND_US,
    rateLimit: null,
    requestTimeoutUs: 60 * SECOND_US,
    maxBufferedBytes: 2 * 500 * 50 * KIB,
  },
  /** 50 connections: maxSockets of the AWS SDK for JavaScript. */
  'sdk-batch': {
    transport: 'sdk',
    protocol: 'json',
    aggregation: { ...KPL.aggregation, enabled: false },
    collection: { maxCount: 500, maxBytes: 5 * MIB, maxShardBytes: 5 * MIB },
    rateLimit: null,
    maxConnections: 50,
  },
};

/** Every setting of a profile. */
export function producerDefaults(profile: Profile): ProducerDefaults {
  return { ...KPL, ...DIFFERENCES[profile] };
}
