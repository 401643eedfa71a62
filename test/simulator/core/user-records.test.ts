import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visitUserRecords } from '../../../src/simulator/core/user-records.ts';

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function field(tag: number, content: Uint8Array): Uint8Array {
  return Uint8Array.from([tag, ...varint(content.length), ...content]);
}

/** An aggregate as the format document says, fields in the order given. */
function aggregate(parts: readonly Uint8Array[]): Uint8Array {
  const message = Buffer.concat(parts);
  const digest = createHash('md5').update(message).digest();
  return Buffer.concat([Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2), message, digest]);
}

function record(data: Uint8Array, explicit = false): Uint8Array {
  const hash = explicit ? [0x10, ...varint(300)] : [];
  return field(0x1a, Uint8Array.from([0x08, 0, ...hash, ...field(0x1a, data)]));
}

function read(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const padded = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
  const count = visitUserRecords(padded, 6, 6 + bytes.length, (all, start, end) => {
    found.push(Buffer.from(all.subarray(start, end)).toString('hex'));
  });
  expect(count).toBe(found.length);
  return found;
}

const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

describe('the reader of user records', () => {
  it('finds each record of an aggregate, whatever the order of fields', () => {
    const data = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.array(fc.tuple(data, fc.boolean())), fc.nat(), (list, keyPlace) => {
        const parts = list.map(([bytes, explicit]) => record(bytes, explicit));
        parts.splice(keyPlace % (parts.length + 1), 0, field(0x0a, Buffer.from('key')));
        expect(read(aggregate(parts))).toEqual(list.map(([bytes]) => hex(bytes)));
      }),
    );
  });

  it('takes anything else as one record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(read(bytes)).toEqual([hex(bytes)]);
      }),
    );
  });

  it('takes an aggregate with a wrong digest as one record', () => {
    const whole = aggregate([field(0x0a, Buffer.from('k')), record(Buffer.from('x'))]);
    whole[5] = (whole[5] ?? 0) ^ 1;
    expect(read(whole)).toEqual([hex(whole)]);
  });

  it('stops at a broken message', () => {
    expect(read(aggregate([record(Buffer.from('x')), Uint8Array.of(0x1a, 0x7f, 1)]))).toEqual([
      '78',
    ]);
    expect(read(aggregate([Uint8Array.of(0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)]))).toEqual([]);
  });
});
