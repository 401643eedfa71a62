import { z } from 'zod';
import {
  PUT_RECORDS_BYTES_MAX,
  PUT_RECORDS_COUNT_MAX,
  RECORD_BYTES_MAX,
} from '../kinesis/limits.ts';
import { choice, duration, flag, integer, percent, section, size, text } from './fields.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** 10 000 days: longer is forever, and stays exact in microseconds. */
const FOREVER_US = 864_000_000_000_000;
/** They are counted in 16 bits. */
const ATTEMPTS_MAX = 65_535;

/** Ranges are the KPL's where it has the setting, and the service's current limits where those are wider. */
export const producerSchema = section({
  profile: choice(['shardstorm', 'kpl', 'a8m', 'sdk-batch']).optional(),
  import: text('the path of a KPL properties file').optional(),
  transport: choice(['direct', 'sdk']).optional(),
  protocol: choice(['cbor', 'json']).optional(),
  http: z
    .literal([1, 1.1, 2, '1', '1.1', '2'], { error: 'one of 1.1, 2' })
    .transform((version): '1.1' | '2' => (String(version) === '2' ? '2' : '1.1'))
    .optional(),
  aggregation: section({
    enabled: flag().optional(),
    maxCount: integer(1).optional(),
    maxSize: size({ min: 64, max: RECORD_BYTES_MAX, words: ', 64B to 10MiB' }).optional(),
  }).optional(),
  collection: section({
    maxCount: integer(1, PUT_RECORDS_COUNT_MAX).optional(),
    maxSize: size({
      min: 51 * KIB,
      max: PUT_RECORDS_BYTES_MAX,
      words: ', 51KiB to 10MiB',
    }).optional(),
    maxShardSize: size({
      min: KIB,
      max: PUT_RECORDS_BYTES_MAX,
      words: ', 1KiB to 10MiB',
    }).optional(),
  }).optional(),
  maxBufferedTime: duration({ min: 0, max: FOREVER_US }).optional(),
  recordTtl: duration({ min: 100_000, max: FOREVER_US, words: ' of at least 100ms' }).optional(),
  rateLimit: z
    .union(
      [
        // YAML 1.1 readers take a bare off for false.
        z.literal(['off', false]),
        percent(),
        section({
          percent: percent().optional(),
          share: choice(['producer', 'process']).optional(),
        }),
      ],
      { error: 'a percentage of the limit of a shard such as 150%, { percent, share }, or off' },
    )
    .optional(),
  maxConnections: integer(1, 4096).optional(),
  requestTimeout: duration({
    min: 100_000,
    max: 600_000_000,
    words: ', 100ms to 10m',
  }).optional(),
  failIfThrottled: flag().optional(),
  maxBufferedMemory: size({ min: MIB, words: ' of at least 1MiB' }).optional(),
  overload: choice(['wait', 'drop']).optional(),
  aggregateBy: choice(['shard', 'key']).optional(),
  containerKey: choice(['profile', 'a', 'first', 'random']).optional(),
  ordered: flag().optional(),
  maxAttempts: z
    .union([z.literal('unlimited'), integer(1, ATTEMPTS_MAX)], {
      error: `an integer from 1 to ${ATTEMPTS_MAX}, or unlimited`,
    })
    .optional(),
});

export type ProducerInput = z.output<typeof producerSchema>;
