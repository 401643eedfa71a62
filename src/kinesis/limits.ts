/**
 * Limits of Amazon Kinesis Data Streams, each with where it was read. "API" is the documentation shipped in
 * @aws-sdk/client-kinesis 3.1143.0, read 2026-11-23; "guide" is the developer guide page "Quotas and limits".
 */

/** Records in one PutRecords call. API, PutRecords. */
export const PUT_RECORDS_COUNT_MAX = 500;
/** Bytes of one PutRecords call, data and partition keys. API, PutRecords (5 MiB before 2025). */
export const PUT_RECORDS_BYTES_MAX = 10 * 1024 * 1024;
/** Data and partition key of one record unless the stream allows more. API, CreateStream MaxRecordSizeInKiB. */
export const RECORD_BYTES_DEFAULT_MAX = 1024 * 1024;
/** Data of one record at the most that a stream can allow. API, UpdateMaxRecordSize. */
export const RECORD_BYTES_MAX = 10 * 1024 * 1024;
/** Characters in a partition key, at least 1. API, PutRecord. */
export const PARTITION_KEY_CHARACTERS_MAX = 256;
/** Writes to one shard: records a second. API, CreateStream; guide. */
export const SHARD_WRITE_RECORDS_PER_SECOND = 1000;
/** Writes to one shard: bytes a second, partition keys included. API, CreateStream (the guide says MB). */
export const SHARD_WRITE_BYTES_PER_SECOND = 1024 * 1024;
/** Reads from one shard: bytes a second for all polling consumers. API, GetRecords. */
export const SHARD_READ_BYTES_PER_SECOND = 2 * 1024 * 1024;
/** Reads from one shard: GetRecords calls a second. API, GetRecords. */
export const SHARD_READ_CALLS_PER_SECOND = 5;
/** Records in one GetRecords answer. API, GetRecords. */
export const GET_RECORDS_COUNT_MAX = 10_000;
/** Bytes in one GetRecords answer. API, GetRecords. */
export const GET_RECORDS_BYTES_MAX = 10 * 1024 * 1024;
/** Life of a shard iterator. API, GetShardIterator. */
export const SHARD_ITERATOR_LIFE_US = 300_000_000;
/** Shards in one ListShards page. API, ListShards. */
export const LIST_SHARDS_COUNT_MAX = 1000;
/** A provisioned stream bills each Kinesis record in units of this much, rounded up. Pricing page, "PUT Payload Unit" (25 KB). */
export const PUT_UNIT_BYTES = 25 * 1024;
/** An on-demand stream bills each Kinesis record rounded up to this. Pricing page. */
export const ON_DEMAND_STEP_BYTES = 1024;
