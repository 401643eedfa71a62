/**
 * The MD5 digest that ends an aggregate, over its protobuf bytes alone. The one place where the producer hashes what it
 * sends: by far the largest part of what an aggregate costs.
 */
import { createHash } from 'node:crypto';
import { AGGREGATE_DIGEST_BYTES, AGGREGATE_MAGIC_BYTES } from '../kinesis/aggregated-record.ts';
import type { KinesisRecord } from './kinesis-record.ts';

/** Writes the digest of a sealed aggregate into its last bytes. */
export function writeDigest({ bytes, dataEnd }: KinesisRecord): void {
  const bodyEnd = dataEnd - AGGREGATE_DIGEST_BYTES;
  const body = bytes.subarray(AGGREGATE_MAGIC_BYTES, bodyEnd);
  bytes.set(createHash('md5').update(body).digest(), bodyEnd);
}
