// HOT PATH: 60 ns for a record of 100 random bytes, stamped, with a Zipf key; no allocation for a record.
/**
 * What records are. In: a block whose records have their number, due time, producer and sequence. Out: the same block with
 * each record's partition key and payload. Invariant: a record is a pure function of (seed, its number, its times), so it is
 * the same whatever thread makes it and however records are cut into blocks.
 */
import { ShardstormError } from '../core/errors.ts';
import { RANDOM_STREAMS, randomStream, streamUnit53 } from '../core/random.ts';
import type { RecordBlock } from '../core/record-block.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import { AliasTable } from './alias-table.ts';
import { checkRecordKinds } from './check.ts';
import type { PayloadFiles } from './file.ts';
import { JsonPayload } from './json-payload.ts';
import { ColumnKeys, RankedKeys, TemplateKeys } from './key-choosers.ts';
import type { RecordKind } from './kinds.ts';
import type { KeyChooser, PayloadWriter } from './payload.ts';
import { FilePayload, type PayloadFile } from './payload-file.ts';
import { RandomPayload } from './random-payload.ts';
import { RecordContext } from './record-context.ts';
import { SizeOnly } from './size-only.ts';
import { type StampOptions, StampWriter } from './stamps.ts';
import { textTemplate } from './template.ts';

export interface GeneratorOptions {
  /** At least one. */
  readonly records: readonly RecordKind[];
  /** Integer, 0 … 2^53-1. */
  readonly seed: number;
  /** The thread's keys. The generator empties it between blocks when it is full. */
  readonly keys: KeyTable;
  readonly stamp: StampOptions;
  /** As read by `loadPayloadFiles`, one for each kind. */
  readonly files: PayloadFiles;
  /** Whether payloads are written; default true. Without them, a random payload is its size and nothing else. */
  readonly hasContents?: boolean;
}

/** One kind of record, ready to be made. */
interface Maker {
  readonly keys: KeyChooser;
  readonly payload: PayloadWriter;
}

/** Makes the records of one thread. */
export class Generator {
  /** Bytes of one payload at the most: times a block's capacity, what its payloads can need. */
  readonly payloadBytesMax: number;
  readonly #stream: number;
  readonly #keys: KeyTable;
  readonly #makers: readonly Maker[];
  /** null for one kind. */
  readonly #mix: AliasTable | null;

  constructor(makers: readonly Maker[], mix: AliasTable | null, seed: number, keys: KeyTable) {
    this.payloadBytesMax = Math.max(...makers.map(({ payload }) => payload.bytesMax));
    this.#stream = randomStream(seed, RANDOM_STREAMS.recordKind);
    this.#keys = keys;
    this.#makers = makers;
    this.#mix = mix;
  }

  /**
   * Sets key and payload of the records `from … block.count-1`. With `from` 0, room is made in the key table first, so ids
   * of earlier blocks may end; the ids of one block hold while it is processed.
   */
  fill(block: RecordBlock, from = 0): void {
    if (from === 0) this.#keys.makeRoom(block.capacity);
    const { count } = block;
    for (let start = from; start < count; ) {
      const maker = this.#makerOf(block, start);
      let end = start + 1;
      if (this.#mix === null) end = count;
      else while (end < count && this.#makerOf(block, end) === maker) end++;
      maker.keys.choose(block, start, end);
      for (let i = start; i < end; i++) maker.payload.write(block, i);
      start = end;
    }
    this.#keys.hashAdded();
    this.#keys.warm(block.keyId, from, count);
  }

  #makerOf(block: RecordBlock, i: number): Maker {
    const kind = this.#mix?.draw(streamUnit53(this.#stream, block.index[i] as number)) ?? 0;
    return this.#makers[kind] as Maker;
  }
}

/**
 * A generator for the kinds of record of a scenario.
 * @throws SHARDSTORM_SCENARIO_INVALID for the first thing that {@link checkRecordKinds} finds
 */
export function createGenerator(options: GeneratorOptions): Generator {
  const { records, seed, keys } = options;
  const problem = checkRecordKinds(records)[0];
  if (problem !== undefined) throw problem;
  const makers = records.map((kind, index) => makerOf(kind, index, options));
  const mix = records.length > 1 ? new AliasTable(records.map(({ weight }) => weight)) : null;
  return new Generator(makers, mix, seed, keys);
}

function makerOf(kind: RecordKind, index: number, options: GeneratorOptions): Maker {
  const { seed, keys } = options;
  const { partitionKey, payload } = kind;
  const stamps = kind.stamp ? new StampWriter(options.stamp) : null;
  // Key and payload templates draw from streams of their own.
  const context = (half: number) =>
    new RecordContext(seed, 2 * index + half, options.stamp.originEpochUs, keys);
  const file = options.files[index] ?? null;
  return { keys: keyChooser(), payload: payloadWriter() };

  function keyChooser(): KeyChooser {
    switch (partitionKey.kind) {
      case 'template': {
        const template = textTemplate(partitionKey.template, 'partitionKey.template');
        return new TemplateKeys(template, context(0), keys);
      }
      case 'column':
        return new ColumnKeys(loaded(file), keys);
      default:
        return new RankedKeys(partitionKey, seed, keys);
    }
  }

  function payloadWriter(): PayloadWriter {
    switch (payload.kind) {
      case 'random':
        if (options.hasContents === false) return new SizeOnly(payload, seed, kind.stamp);
        return new RandomPayload(payload, seed, stamps);
      case 'json':
        return new JsonPayload(payload, seed, context(1), stamps, 'payload.template');
      case 'file':
        return new FilePayload(loaded(file), stamps);
    }
  }
}

function loaded(file: PayloadFile | null): PayloadFile {
  if (file !== null) return file;
  throw new ShardstormError('SHARDSTORM_SCENARIO_INVALID', 'records.payload.file: is not loaded', {
    hint: 'Use partitionKey.kind column only with payload.kind file.',
  });
}
