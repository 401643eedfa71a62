/** Records as a stream holds them, written by an encoder of the tests' own. */
import { createHash } from 'node:crypto';
import type { StoredRecord } from '../../src/kinesis/reading.ts';
import type { AuditedShard } from '../../src/verify/audit.ts';
import { hashRange } from '../../src/verify/hash-range.ts';

export const RUN = { runHigh: 0x0123_4567, runLow: 0x89ab_cdef };
export const ORIGIN_US = 1_795_000_000_000_000;

export interface UserRecord {
  readonly key: string;
  readonly data: Uint8Array;
  readonly hashKey?: string;
}

/** Bytes of a stamp, and `tail` bytes of payload behind it. */
export function stamped(
  producer: number,
  sequence: number,
  { run = RUN, intendedUs = ORIGIN_US + sequence * 1000, tail = 'payload' } = {},
): Buffer {
  const stamp = Buffer.alloc(32);
  stamp.write('SSv1', 0, 'latin1');
  stamp.writeUInt32BE(run.runHigh, 4);
  stamp.writeUInt32BE(run.runLow, 8);
  stamp.writeUInt16BE(producer, 12);
  stamp.writeBigUInt64BE(BigInt(sequence), 16);
  stamp.writeBigUInt64BE(BigInt(intendedUs), 24);
  return Buffer.concat([stamp, Buffer.from(tail)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2, ...varint(content.length)]), content]);
}

/** An aggregate in the format of the KPL, tables first. */
export function aggregate(records: readonly UserRecord[]): Buffer {
  const keys = [...new Set(records.map(({ key }) => key))];
  const hashKeys = [...new Set(records.flatMap(({ hashKey }) => hashKey ?? []))];
  const message = Buffer.concat([
    ...keys.map((key) => field(1, Buffer.from(key))),
    ...hashKeys.map((key) => field(2, Buffer.from(key))),
    ...records.map(({ key, data, hashKey }) =>
      field(
        3,
        Buffer.concat([
          Buffer.from([8, ...varint(keys.indexOf(key))]),
          Buffer.from(hashKey === undefined ? [] : [16, ...varint(hashKeys.indexOf(hashKey))]),
          field(3, data),
        ]),
      ),
    ),
  ]);
  return sealed(message);
}

/** A message with magic and checksum around it. */
export function sealed(message: Uint8Array): Buffer {
  const digest = createHash('md5').update(message).digest();
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, digest]);
}

/** A shard that owns every key. */
export function shard(number = 0): AuditedShard {
  const range = hashRange(0n, (1n << 128n) - 1n);
  return { id: `shardId-${String(number).padStart(12, '0')}`, number, range };
}

export function stored(data: Uint8Array, partitionKey = 'a', sequenceNumber = '1'): StoredRecord {
  return { sequenceNumber, arrivalEpochMs: ORIGIN_US / 1000 + 5, partitionKey, data };
}
