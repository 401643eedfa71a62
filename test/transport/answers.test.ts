import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PutRecordsAnswer } from '../../src/kinesis/put-records.ts';
import { shardId } from '../../src/kinesis/shard.ts';
import type { AnswerReader } from '../../src/transport/answer-reader.ts';
import { CborAnswerReader } from '../../src/transport/cbor-answer.ts';
import { EntryTemplate } from '../../src/transport/entry-template.ts';
import { JsonAnswerReader } from '../../src/transport/json-answer.ts';
import { type CborValue, encodeCbor } from './cbor-decoder.ts';

type Result =
  | { readonly shard: number; readonly sequenceNumber: string }
  | { readonly code: string; readonly message: string };

const text = fc.string({ maxLength: 60, unit: 'grapheme' });
const result: fc.Arbitrary<Result> = fc.oneof(
  fc.record({
    shard: fc.integer({ min: 0, max: 0x7fff_ffff }),
    sequenceNumber: fc.bigInt({ min: 0n, max: 10n ** 56n }).map(String),
  }),
  fc.record({
    code: fc.oneof(
      fc.constantFrom('ProvisionedThroughputExceededException', 'InternalFailure'),
      text.filter((code) => code !== ''),
    ),
    message: text,
  }),
);
const unknownValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value as fc.Arbitrary<CborValue>;
const order = fc.func(fc.nat());

/** The members in any order, with others among them that the service might add. */
function shuffled(members: [string, CborValue][], rank: (name: string) => number) {
  return Object.fromEntries(members.toSorted(([a], [b]) => rank(a) - rank(b)));
}

const document = fc
  .tuple(fc.array(result, { maxLength: 12 }), unknownValue, order, fc.boolean())
  .map(([results, extra, rank, hasNulls]) => {
    const nulls = (names: string[]): [string, CborValue][] =>
      hasNulls ? names.map((name) => [name, null]) : [];
    const entries = results.map((one) => {
      const told: [string, CborValue][] =
        'code' in one
          ? [
              ['ErrorCode', one.code],
              ['ErrorMessage', one.message],
              ...nulls(['ShardId', 'SequenceNumber']),
            ]
          : [
              ['ShardId', shardId(one.shard)],
              ['SequenceNumber', one.sequenceNumber],
              ...nulls(['ErrorCode', 'ErrorMessage']),
            ];
      return shuffled([...told, ['Extra', extra]], rank);
    });
    const members: [string, CborValue][] = [
      ['Records', entries],
      ['FailedRecordCount', results.filter((one) => 'code' in one).length],
      ['EncryptionType', hasNulls ? null : 'KMS'],
      ['More', extra],
    ];
    return { results, document: shuffled(members, rank) };
  });

function read(
  reader: AnswerReader,
  bytes: Uint8Array,
  entryCount: number,
): PutRecordsAnswer | null {
  const answer = new PutRecordsAnswer();
  answer.reset();
  answer.wantsSequenceNumbers = true;
  // Behind the body lies what an earlier one left.
  const buffer = Buffer.concat([bytes, Buffer.from('"}]}]')]);
  return reader.read(buffer, bytes.length, answer, entryCount) ? answer : null;
}

function outcomes(answer: PutRecordsAnswer, count: number): Result[] {
  return Array.from({ length: count }, (_, i) => {
    const error = answer.entryError[i] as number;
    return error === 0
      ? { shard: answer.shardNumber[i] as number, sequenceNumber: answer.sequenceNumbers[i] ?? '' }
      : {
          code: answer.entryErrorCodes[error - 1] ?? '',
          message: answer.entryErrorMessages[error - 1] ?? '',
        };
  });
}

/** As the answer keeps them: the first message of each code. */
function kept(results: readonly Result[]): Result[] {
  const first = new Map<string, string>();
  return results.map((one) => {
    if (!('code' in one)) return one;
    if (!first.has(one.code)) first.set(one.code, one.message);
    return { code: one.code, message: first.get(one.code) ?? '' };
  });
}

const forms: [string, AnswerReader, (value: CborValue, pick: (n: number) => number) => Buffer][] = [
  [
    'JSON',
    new JsonAnswerReader(),
    (value, pick) => Buffer.from(JSON.stringify(value, null, pick(3))),
  ],
  ['CBOR', new CborAnswerReader(), encodeCbor],
];

describe('a CBOR answer whose entries are alike', () => {
  const templated = new CborAnswerReader();
  const walking = new CborAnswerReader(false);
  /** As the service numbers records, most with as many digits and few shards. */
  const alike = fc.record({
    SequenceNumber: fc
      .oneof(
        { weight: 9, arbitrary: fc.bigInt({ min: 10n ** 55n, max: 10n ** 56n - 1n }) },
        { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 50n }) },
      )
      .map(String),
    ShardId: fc.oneof(
      { weight: 9, arbitrary: fc.nat(12).map((number) => shardId(number)) },
      { weight: 1, arbitrary: fc.constantFrom('shardId-00000000000x', 'shardId_000000000001', '') },
    ),
  });
  const refused = fc.constant({ ErrorCode: 'InternalFailure', ErrorMessage: 'again' });
  const entries = fc.array(
    fc.oneof({ weight: 12, arbitrary: alike }, { weight: 1, arbitrary: refused }),
    { maxLength: 30 },
  );
  const form = fc.constantFrom(0, 0, 0, 1, 2);
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 });

  it('says the same when its entries are not walked through, whatever is wrong with it', () => {
    let readable = 0;
    fc.assert(
      fc.property(entries, form, changes, fc.nat(40), (Records, pick, wrong, entryCount) => {
        const bytes = encodeCbor({ FailedRecordCount: 0, Records }, (n) => pick % n);
        for (const [at, byte] of wrong) bytes[at % bytes.length] = byte;
        const seen = read(templated, Buffer.from(bytes), entryCount);
        const walked = read(walking, Buffer.from(bytes), entryCount);
        expect(seen?.resultCount).toBe(walked?.resultCount);
        expect(seen && outcomes(seen, entryCount)).toEqual(walked && outcomes(walked, entryCount));
        if (walked !== null) readable++;
      }),
      { numRuns: 300 },
    );
    expect(readable).toBeGreaterThan(100);
  });

  it('is not walked through', () => {
    const template = new EntryTemplate();
    const entry = (number: string, shard: number) =>
      Buffer.concat([
        Buffer.from('\xa2\x6eSequenceNumber\x78\x38', 'latin1'),
        Buffer.from(number.padEnd(56, '0')),
        Buffer.from('\x67ShardId\x74', 'latin1'),
        Buffer.from(shardId(shard)),
      ]);
    const body = Buffer.concat([entry('4959', 3), entry('4960', 4), Buffer.from([0xa2])]);
    const length = entry('', 0).length;
    template.look(body);
    template.learn(0, length, 18, 74, 83, 103);
    expect(template.matches(length, 2 * length)).toBe(true);
    expect(template.matches(length, 2 * length - 1)).toBe(false);
    for (let at = 0; at < length; at++) {
      const other = Buffer.from(body);
      other[length + at] = (other[length + at] as number) ^ 1;
      template.look(other);
      const isValue = (at >= 18 && at < 74) || at >= 83;
      expect(template.matches(length, 2 * length)).toBe(isValue);
    }
  });
});

describe.each(forms)('%s answer', (_name, reader, encode) => {
  const encoded = fc.tuple(document, fc.infiniteStream(fc.nat())).map(([made, numbers]) => {
    const bytes = encode(made.document, (n) => (numbers.next().value as number) % n);
    return { ...made, bytes };
  });

  it('is read as it was written, whatever its form', () => {
    fc.assert(
      fc.property(encoded, ({ results, bytes }) => {
        const answer = read(reader, bytes, results.length);
        expect(answer?.resultCount).toBe(results.length);
        expect(answer?.refusedCount).toBe(results.filter((one) => 'code' in one).length);
        expect(answer && outcomes(answer, results.length)).toEqual(kept(results));
      }),
      { numRuns: 400 },
    );
  });

  it('is unreadable when it ends anywhere before its end, or goes on after it', () => {
    fc.assert(
      fc.property(encoded, fc.nat(), ({ results, bytes }, at) => {
        expect(read(reader, bytes.subarray(0, at % bytes.length), results.length)).toBeNull();
        expect(read(reader, Buffer.concat([bytes, Buffer.from('}')]), results.length)).toBeNull();
      }),
      { numRuns: 400 },
    );
  });

  it('ends for any bytes', () => {
    fc.assert(
      fc.property(encoded, fc.array(fc.tuple(fc.nat(), fc.nat(255))), ({ bytes }, changes) => {
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        read(reader, bytes, 3);
      }),
      { numRuns: 400 },
    );
  });

  it('counts results past those that were asked for, and keeps none of them', () => {
    const records = Array.from({ length: 700 }, () => ({ SequenceNumber: '1', ShardId: 's-1' }));
    const answer = read(
      reader,
      encode({ Records: records }, () => 1),
      500,
    );
    expect(answer?.resultCount).toBe(700);
    expect(answer?.sequenceNumbers).toHaveLength(500);
  });

  it('is unreadable when an entry says neither accepted nor refused', () => {
    const half: CborValue = { Records: [{ ShardId: 'shardId-000000000001' }] };
    expect(
      read(
        reader,
        encode(half, () => 1),
        1,
      ),
    ).toBeNull();
  });

  it('tells no shard from an id without a number', () => {
    for (const ShardId of ['shard', 'shardId-', 'shardId-1x', 'shardId-99999999999', '']) {
      const bytes = encode({ Records: [{ SequenceNumber: '1', ShardId }] }, () => 1);
      expect(read(reader, bytes, 1)?.shardNumber[0]).toBe(-1);
    }
  });
});
