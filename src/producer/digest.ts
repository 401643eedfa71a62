/**
 * The MD5 digest that ends an aggregate, over its protobuf bytes alone. The one place where the producer hashes what it
 * sends: by far the largest part of what an aggregate costs. In: the records of a call that is about to be sent. Out: the
 * same, digests in place. Aggregates are hashed then, not when they close, because those of one call can be hashed side by
 * side without one waiting for another.
 */
import { AGGREGATE_DIGEST_BYTES, AGGREGATE_MAGIC_BYTES } from '../kinesis/aggregated-record.ts';
import type { Md5, Md5Batch } from '../kinesis/md5.ts';
import type { KinesisRecord } from './kinesis-record.ts';

export class DigestWriter {
  readonly #md5: Md5;
  /** Aggregates of the call in work. */
  readonly #records: KinesisRecord[] = [];
  readonly #batch: Md5Batch = {
    bytesOf: (i) => this.#record(i).bytes,
    startOf: () => AGGREGATE_MAGIC_BYTES,
    endOf: (i) => this.#record(i).dataEnd - AGGREGATE_DIGEST_BYTES,
    finish: (i, digest) => {
      const record = this.#record(i);
      record.bytes.set(digest, record.dataEnd - AGGREGATE_DIGEST_BYTES);
      record.lacksDigest = false;
    },
  };

  constructor(md5: Md5) {
    this.#md5 = md5;
  }

  /** Writes the digest of each of the first `count` records that lacks it. */
  write(records: readonly KinesisRecord[], count = records.length): void {
    const pending = this.#records;
    for (let i = 0; i < count; i++) {
      const record = records[i] as KinesisRecord;
      if (record.lacksDigest) pending.push(record);
    }
    if (pending.length === 0) return;
    this.#md5.hashAll(this.#batch, pending.length);
    pending.length = 0;
  }

  #record(i: number): KinesisRecord {
    return this.#records[i] as KinesisRecord;
  }
}
