import { describe, expect, it } from 'vitest';
import { checkRecordKinds } from '../../src/generate/check.ts';
import { createGenerator } from '../../src/generate/generator.ts';
import type { RecordKind } from '../../src/generate/kinds.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';
import { fixedPayload, kindOf, STAMP } from './support.ts';

const messages = (...records: RecordKind[]) =>
  checkRecordKinds(records).map(({ message }) => message);
const json = (template: unknown, bytes: number | null = null) => ({
  kind: 'json' as const,
  size: bytes === null ? null : { kind: 'fixed' as const, bytes },
  template,
});
const ranked = { kind: 'uniform', cardinality: 10, prefix: '' } as const;

describe('checks of record kinds', () => {
  it('accept what is right', () => {
    expect(messages(kindOf({}), kindOf({ payload: fixedPayload(32), stamp: true }))).toEqual([]);
  });

  it('find every problem, each with its field', () => {
    const wrong = kindOf({
      weight: 0,
      payload: fixedPayload(31),
      stamp: true,
      partitionKey: { ...ranked, cardinality: 1.5 },
    });
    expect(messages(kindOf({}), wrong)).toEqual([
      'records[1].weight: 0 is not allowed',
      'records[1].partitionKey.cardinality: 1.5 is not whole',
      'records[1].payload.size: 31 B is less than the 32 B of the stamp',
    ]);
    expect(messages()).toEqual(['records: is empty']);
  });

  it.each([
    [
      { partitionKey: { ...ranked, prefix: 'x'.repeat(256) } },
      'records.partitionKey.prefix: keys of 257 characters',
    ],
    [
      { partitionKey: { ...ranked, kind: 'zipf' as const, exponent: -1 } },
      'partitionKey.exponent: -1',
    ],
    [
      { partitionKey: { kind: 'column', column: 'a' } },
      'partitionKey.kind: column needs a payload from a file, not random',
    ],
    [
      { partitionKey: { kind: 'template', template: 'a{{key}}' } },
      'partitionKey.template: {{key}} is this key itself',
    ],
    [
      { partitionKey: { kind: 'template', template: '{{hex 300}}' } },
      'partitionKey.template: up to 300 bytes',
    ],
    [{ partitionKey: { kind: 'template', template: '' } }, 'partitionKey.template: is empty'],
    [{ payload: fixedPayload(10, 1.5) }, 'payload.compressible: 1.5'],
    [
      { payload: json('text', 50) },
      'payload.template: is not an object, so it cannot hold padding',
    ],
    [
      { payload: json([1]), stamp: true },
      'payload.template: is not an object, so it cannot hold a stamp',
    ],
    [
      { payload: json({}, 55), stamp: true },
      'payload.size: 55 B is less than the 56 B of the stamp',
    ],
    [{ payload: json({ a: '{{nope}}' }) }, 'payload.template.a: unknown generator "nope"'],
  ] as [Partial<RecordKind>, string][])('refuse %j', (part, message) => {
    const problems = messages(kindOf(part));
    expect(problems.length).toBe(1);
    expect(problems[0]).toContain(message);
  });

  it('stop a generator from being made', () => {
    const records = [kindOf({ weight: -1 })];
    const options = { records, seed: 1, keys: new KeyTable(), stamp: STAMP, files: [null] };
    expect(() => createGenerator(options)).toThrow('records.weight: -1');
  });
});
