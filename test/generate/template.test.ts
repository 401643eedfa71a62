import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PartitionKey } from '../../src/generate/kinds.ts';
import { jsonTemplate, textTemplate } from '../../src/generate/template.ts';
import { TEMPLATE_GENERATORS } from '../../src/generate/template-generators.ts';
import { chiSquareAccepts, dueUsOf, kindOf, make, ORIGIN_EPOCH_US, range } from './support.ts';

const jsonOf = (template: unknown, index = 9, partitionKey?: PartitionKey) =>
  make(
    [
      kindOf({
        payload: { kind: 'json', size: null, template },
        ...(partitionKey && { partitionKey }),
      }),
    ],
    [index],
  )[0]!;

describe('templates', () => {
  it('write what they say of the record', () => {
    const template = {
      index: '{{index}}',
      sequence: '{{ sequence }}',
      producer: '{{producer}}',
      now: '{{now}}',
      nowMs: '{{nowMs}}',
      nowUs: '{{nowUs}}',
      text: 'record {{index}} of {{key}}',
    };
    const { payload, key } = jsonOf(template);
    const epochUs = Math.round(ORIGIN_EPOCH_US + dueUsOf(9));
    expect(JSON.parse(payload.toString())).toEqual({
      index: 9,
      sequence: 1,
      producer: 2,
      now: new Date(epochUs / 1000).toISOString(),
      nowMs: Math.floor(epochUs / 1000),
      nowUs: epochUs,
      text: `record 9 of ${key}`,
    });
  });

  it('keep any JSON around them as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('{{'));
        const { payload } = jsonOf(value);
        expect(payload.toString()).toBe(JSON.stringify(value));
      }),
    );
  });

  it('escape keys and words inside JSON strings', () => {
    const key = 'a"b\\c\n\u0001é{}';
    const { payload } = jsonOf({ k: '<{{key}}>', w: `{{pick 'say "hi"\\'}}` }, 1, {
      kind: 'template',
      template: key,
    });
    expect(JSON.parse(payload.toString())).toEqual({ k: `<${key}>`, w: 'say "hi"\\' });
  });

  it('draw numbers, words and digits of the right form', () => {
    const template = {
      int: '{{int -5 5}}',
      float: '{{float -1 2 4}}',
      whole: '{{float 3 3 0}}',
      bool: '{{bool}}',
      pick: '{{pick home "my cart" pay}}',
      word: '{{word}}',
      uuid: '{{uuid}}',
      hex: '{{hex 11}}',
    };
    for (const index of range(300)) {
      const drawn = JSON.parse(jsonOf(template, index).payload.toString());
      expect(Number.isInteger(drawn.int) && Math.abs(drawn.int) <= 5).toBe(true);
      expect(drawn.float >= -1 && drawn.float <= 2).toBe(true);
      expect(drawn.whole).toBe(3);
      expect(typeof drawn.bool).toBe('boolean');
      expect(['home', 'my cart', 'pay']).toContain(drawn.pick);
      expect(drawn.word).toMatch(/^[a-z]+$/);
      expect(drawn.uuid).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      expect(drawn.hex).toMatch(/^[0-9a-f]{11}$/);
    }
  });

  it('draw evenly, and each generator for itself', () => {
    const payload = {
      kind: 'json',
      size: null,
      template: ['{{int 0 9}}', '{{int 0 9}}', '{{uuid}}'],
    } as const;
    const drawn = make([kindOf({ payload })], range(20_000)).map((record) =>
      JSON.parse(record.payload.toString()),
    );
    const pairs = new Array<number>(100).fill(0);
    for (const [a, b] of drawn) pairs[a * 10 + b]! += 1;
    expect(chiSquareAccepts(pairs, new Array(100).fill(200))).toBe(true);
    expect(new Set(drawn.map(([, , uuid]) => uuid)).size).toBe(20_000);
  });

  it('draw for the key apart from the payload', () => {
    const payload = { kind: 'json', size: null, template: ['{{int 0 9}}'] } as const;
    const partitionKey = { kind: 'template', template: '{{int 0 9}}' } as const;
    const pairs = new Array<number>(100).fill(0);
    for (const record of make([kindOf({ payload, partitionKey })], range(20_000))) {
      pairs[Number(record.key) * 10 + JSON.parse(record.payload.toString())[0]]! += 1;
    }
    expect(chiSquareAccepts(pairs, new Array(100).fill(200))).toBe(true);
  });

  it('are padded to their size, by a last member or by spaces, and never cut', () => {
    for (const bytes of [13, 14, 20, 23, 24, 25, 100]) {
      for (const template of [{}, { id: '{{int 100 999}}' }]) {
        const payload = { kind: 'json', size: { kind: 'fixed', bytes }, template } as const;
        const [record] = make([kindOf({ payload })], [3]);
        const parsed = JSON.parse(record!.payload.toString());
        expect(record!.payload.length).toBe(bytes);
        expect(Object.keys(parsed).filter((name) => name !== '_pad')).toEqual(
          Object.keys(template),
        );
      }
    }
    const short = {
      kind: 'json',
      size: { kind: 'fixed', bytes: 5 },
      template: { long: 'text' },
    } as const;
    expect(make([kindOf({ payload: short })], [3])[0]!.payload.toString()).toBe('{"long":"text"}');
  });

  it('name the generator that they do not know, and the known ones', () => {
    expect(() => jsonTemplate({ a: [{ b: '{{pik a b}}' }] }, 'records.payload.template')).toThrow(
      expect.objectContaining({
        message: 'records.payload.template.a[0].b: unknown generator "pik"',
        hint: `Known generators: ${Object.keys(TEMPLATE_GENERATORS).join(', ')}.`,
      }),
    );
    expect(() => textTemplate('{{constructor}}', 'f')).toThrow('unknown generator "constructor"');
    expect(() => textTemplate('x {{int 1 2', 'f')).toThrow('{{ at character 3 is never closed');
  });

  it.each([
    'int 1',
    'int 5 1',
    'int a b',
    'float 1 2 10',
    'float 2 1',
    'hex 0',
    'hex 1025',
    'pick',
    'now 1',
  ])('refuse wrong arguments: %s', (call) => {
    expect(() => textTemplate(`{{${call}}}`, 'f')).toThrow('has wrong arguments');
  });
});
