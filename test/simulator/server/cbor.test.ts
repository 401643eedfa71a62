import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Output, Timestamp } from '../../../src/simulator/operations/operation.ts';
import { CborError, decodeCbor, encodeCbor } from '../../../src/simulator/server/cbor.ts';

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('CBOR', () => {
  it.each([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1000000],
    ['1b000000e8d4a51000', 1000000000000],
    ['3863', -100],
    ['f5', true],
    ['f6', null],
    ['fb3ff199999999999a', 1.1],
    ['fa47c35000', 100000],
    ['64c3bc6162', 'üab'],
    ['83010203', [1, 2, 3]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['c11b0000019ab0a1b2c3', 0x19ab0a1b2c3],
  ])('reads %s (RFC 8949, appendix A, and a tagged time)', (hex, value) => {
    expect(decodeCbor(fromHex(hex))).toEqual(value);
  });

  it('reads byte strings, whole and in parts', () => {
    expect(decodeCbor(fromHex('4401020304'))).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(decodeCbor(fromHex('5f42010243030405ff'))).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });

  it.each([
    '',
    '18',
    '44010203',
    '5f4201',
    'ff',
    '1c',
    '8201',
    '0000',
    '5f6161ff',
    '9f'.repeat(50),
  ])('refuses %s', (hex) => {
    expect(() => decodeCbor(fromHex(hex))).toThrow(CborError);
  });

  it('gives back what it wrote', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array(),
        fc.array(tie('tree')),
        fc.dictionary(fc.string(), tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const read = decodeCbor(encodeCbor(value as Output));
        expect(encodeCbor(read as Output)).toEqual(encodeCbor(value as Output));
        expect(JSON.stringify(read)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('writes times in whole milliseconds and leaves undefined members out', () => {
    const bytes = encodeCbor({ at: new Timestamp(1000), none: undefined });
    expect(Buffer.from(bytes).toString('hex')).toBe('a16261741903e8');
  });
});
