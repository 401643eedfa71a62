import { invalidArgument } from '../core/service-error.ts';

/** What a shard iterator carries. It is opaque to clients, and as long as the service's. */
export interface IteratorParts {
  readonly streamName: string;
  readonly streamCreatedMs: number;
  readonly shard: number;
  /** Index of the next record to read. */
  readonly index: number;
  readonly madeMs: number;
}

const MARK = 'SSit';

export function encodeIterator(parts: IteratorParts): string {
  const fields = [
    MARK,
    parts.streamName,
    parts.streamCreatedMs,
    parts.shard,
    parts.index,
    parts.madeMs,
  ].join('|');
  const raw = Buffer.alloc(Math.ceil((fields.length + 8) / 16) * 16 + 120, '|');
  raw.fill(0, 0, 8);
  raw[7] = 1;
  raw.write(fields, 8, 'latin1');
  return raw.toString('base64');
}

/** @throws ServiceError InvalidArgumentException */
export function decodeIterator(text: string): IteratorParts {
  const raw = Buffer.from(text, 'base64').toString('latin1', 8);
  const [mark, streamName, ...numbers] = raw.split('|', 6);
  const [streamCreatedMs, shard, index, madeMs] = numbers.map(Number);
  if (
    mark !== MARK ||
    streamName === undefined ||
    !isCount(streamCreatedMs) ||
    !isCount(shard) ||
    !isCount(index) ||
    !isCount(madeMs)
  ) {
    throw invalidArgument('Invalid ShardIterator.');
  }
  return { streamName, streamCreatedMs, shard, index, madeMs };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
