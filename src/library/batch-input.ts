/**
 * The two forms of a batch read alike: a list of records, and columns. In: what a caller gave. Out: a record at a time, in
 * place. Nothing is made for a record of columns.
 */
import { checkData, checkSize } from './check.ts';
import { usage } from './errors.ts';
import type { Incoming } from './incoming.ts';
import type { PackedData, ProducerRecord, RecordColumns } from './results.ts';

export interface BatchInput {
  readonly count: number;
  /** Whether {@link streamOf} says the same of all. */
  readonly hasOneStream: boolean;
  streamOf(i: number): string | undefined;
  /** The key of record `i` and its hash key, unchecked. */
  name(i: number, incoming: Incoming): void;
  /** @throws ShardstormError SHARDSTORM_PRODUCER_USAGE */
  checkData(i: number, partitionKey: string, maxBytes: number): void;
  /** All of record `i`, which was checked. */
  load(i: number, incoming: Incoming): void;
  /** As an object of its own that stays as it is. */
  recordOf(i: number): ProducerRecord;
}

/** @throws ShardstormError SHARDSTORM_PRODUCER_USAGE */
export function batchInput(given: readonly ProducerRecord[] | RecordColumns): BatchInput {
  if (Array.isArray(given)) return new ListInput(given);
  const columns = Object(given) as RecordColumns;
  if (Array.isArray(columns.partitionKeys)) return new ColumnInput(columns);
  throw usage('records', typeof given, 'a list of records, or columns of them');
}

export function checkRecord(record: ProducerRecord | undefined): ProducerRecord {
  if (typeof record === 'object' && record !== null) return record;
  throw usage('record', record === null ? 'null' : typeof record, 'an object');
}

const NOTHING = new Uint8Array(0);

class ListInput implements BatchInput {
  readonly count: number;
  readonly hasOneStream = false;
  readonly #records: readonly ProducerRecord[];

  constructor(records: readonly ProducerRecord[]) {
    this.count = records.length;
    this.#records = records;
  }

  streamOf(i: number): string | undefined {
    return this.recordOf(i).stream;
  }

  name(i: number, incoming: Incoming): void {
    const { partitionKey, explicitHashKey } = this.recordOf(i);
    incoming.partitionKey = partitionKey;
    incoming.explicitHashKey = explicitHashKey;
  }

  checkData(i: number, partitionKey: string, maxBytes: number): void {
    checkData(this.recordOf(i).data, partitionKey, maxBytes);
  }

  load(i: number, incoming: Incoming): void {
    this.name(i, incoming);
    incoming.setData(this.recordOf(i).data);
  }

  recordOf(i: number): ProducerRecord {
    return checkRecord(this.#records[i]);
  }
}

class ColumnInput implements BatchInput {
  readonly count: number;
  readonly hasOneStream = true;
  readonly #columns: RecordColumns;
  readonly #packed: PackedData | null;
  /** No Buffer: ranges of one take three times as long to make. */
  readonly #bytes: Uint8Array;
  readonly #data: readonly (Uint8Array | string)[];

  constructor(columns: RecordColumns) {
    const { partitionKeys, data, explicitHashKeys } = columns;
    this.count = partitionKeys.length;
    this.#columns = columns;
    this.#data = Array.isArray(data) ? data : [];
    this.#packed = Array.isArray(data) ? null : checkPacked(data as PackedData);
    const bytes = this.#packed?.bytes ?? NOTHING;
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#checkLength('data', (this.#packed?.starts ?? this.#data).length);
    this.#checkLength('data', (this.#packed?.ends ?? this.#data).length);
    if (explicitHashKeys !== undefined) {
      if (!Array.isArray(explicitHashKeys)) {
        throw usage('explicitHashKeys', typeof explicitHashKeys, 'a list, or left out');
      }
      this.#checkLength('explicitHashKeys', explicitHashKeys.length);
    }
  }

  streamOf(): string | undefined {
    return this.#columns.stream;
  }

  name(i: number, incoming: Incoming): void {
    const { partitionKeys, explicitHashKeys } = this.#columns;
    incoming.partitionKey = partitionKeys[i] as string;
    incoming.explicitHashKey = explicitHashKeys?.[i];
  }

  checkData(i: number, partitionKey: string, maxBytes: number): void {
    const packed = this.#packed;
    if (packed === null) checkData(this.#data[i], partitionKey, maxBytes);
    else checkSize(checkRange(packed, i), partitionKey, maxBytes);
  }

  load(i: number, incoming: Incoming): void {
    this.name(i, incoming);
    const packed = this.#packed;
    if (packed === null) {
      incoming.setData(this.#data[i] as Uint8Array | string);
      return;
    }
    const start = packed.starts[i] as number;
    incoming.bytes = this.#bytes;
    incoming.start = start;
    incoming.length = (packed.ends[i] as number) - start;
    incoming.isLent = true;
  }

  recordOf(i: number): ProducerRecord {
    const { partitionKeys, explicitHashKeys, stream } = this.#columns;
    const packed = this.#packed;
    const range = packed?.bytes.subarray(packed.starts[i], packed.ends[i]);
    const explicitHashKey = explicitHashKeys?.[i];
    return {
      partitionKey: partitionKeys[i] as string,
      data: range === undefined ? (this.#data[i] ?? '') : new Uint8Array(range),
      ...(explicitHashKey === undefined ? {} : { explicitHashKey }),
      ...(stream === undefined ? {} : { stream }),
    };
  }

  #checkLength(field: string, length: number): void {
    if (length === this.count) return;
    throw usage(field, `${length} long`, `as long as partitionKeys, ${this.count}`);
  }
}

function checkPacked(given: PackedData): PackedData {
  const { bytes, starts, ends } = Object(given) as Partial<PackedData>;
  const areLists = typeof starts?.length === 'number' && typeof ends?.length === 'number';
  if (bytes instanceof Uint8Array && areLists) return given;
  throw usage('data', typeof given, 'a list of payloads, or { bytes, starts, ends }');
}

/** @returns the payload's length */
function checkRange({ bytes, starts, ends }: PackedData, i: number): number {
  const start = starts[i] as number;
  const end = ends[i] as number;
  const isWhole = Number.isInteger(start) && Number.isInteger(end);
  if (isWhole && start >= 0 && start <= end && end <= bytes.length) return end - start;
  throw usage('data', `the range ${start} to ${end}`, `within the ${bytes.length} bytes`);
}
