import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKeyWords, hashPartitionKey } from '../../src/kinesis/hash-key.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';

const encoder = new TextEncoder();

/** Keys of both kinds of place: in their entry, up to 12 bytes, and in the table's text. */
const keyText = fc.oneof(
  fc.string({ minLength: 1, maxLength: 14, unit: 'grapheme' }),
  fc.string({ minLength: 1, maxLength: 256 }),
);
const added = fc.array(
  fc.record({ text: keyText, hash: fc.option(fc.bigInt(0n, 2n ** 128n - 1n)) }),
  {
    minLength: 1,
    maxLength: 60,
  },
);

/** Words of what a key is routed by. */
function wordsOf(text: string, hash: bigint | null): number[] {
  if (hash !== null) return [...hashKeyWords(hash)];
  const words = new Uint32Array(4);
  hashPartitionKey(encoder.encode(text), words);
  return [...words];
}

describe('the key table', () => {
  it('tells of each key what was added, however long it is and however far the table has grown', () => {
    fc.assert(
      fc.property(added, fc.integer({ min: 1, max: 8 }), (all, capacity) => {
        const keys = new KeyTable(capacity);
        const ids = all.map(({ text, hash }) => {
          const base = keys.add(encoder.encode(`<${text}>`), 1, 1 + encoder.encode(text).length);
          return hash === null ? base : keys.addExplicit(base, hashKeyWords(hash));
        });
        const copied = new Uint8Array(2000);
        const words = new Uint32Array(4);
        for (const [i, { text, hash }] of all.entries()) {
          const id = ids[i] ?? -1;
          const bytes = encoder.encode(text);
          keys.copyTo(id, copied, 7);
          keys.copyHashTo(id, words);
          expect([...copied.subarray(7, 7 + bytes.length)]).toEqual([...bytes]);
          expect(keys.lengthOf(id)).toBe(bytes.length);
          expect(keys.keyText(id)).toBe(text);
          expect([...words]).toEqual(wordsOf(text, hash));
          expect(keys.isExplicit(id)).toBe(hash !== null);
          expect(keys.keyText(keys.baseOf(id))).toBe(text);
          expect(keys.isExplicit(keys.baseOf(id))).toBe(false);
        }
        keys.warm(Uint32Array.from(ids), 0, ids.length);
      }),
    );
  });

  it('names the first of those with one explicit hash key', () => {
    const keys = new KeyTable();
    const [a, b] = ['a', 'b'].map((text) => keys.add(encoder.encode(text)));
    const first = keys.addExplicit(a ?? 0, hashKeyWords(5n));
    const other = keys.addExplicit(a ?? 0, hashKeyWords(6n));
    const same = keys.addExplicit(b ?? 0, hashKeyWords(5n));
    expect([first, other, same].map((id) => keys.firstWithHash(id))).toEqual([first, other, first]);
  });

  it('forgets all keys, and their ids begin anew', () => {
    const keys = new KeyTable(2);
    const long = 'a key that is longer than an entry';
    keys.add(encoder.encode(long));
    keys.add(encoder.encode('b'));
    keys.makeRoom(1);
    expect([keys.generation, keys.size]).toEqual([1, 0]);
    expect(keys.keyText(keys.add(encoder.encode('c')))).toBe('c');
    expect(keys.keyText(keys.add(encoder.encode(long)))).toBe(long);
  });

  it('leaves the bytes of forgotten keys as they are, where they may not be written over', () => {
    const keys = new KeyTable(2, undefined, false);
    const texts = ['short', 'a key that is longer than an entry'];
    const held = texts.map((text) => {
      const id = keys.add(encoder.encode(text));
      return { bytes: keys.bytesOf(id), start: keys.startOf(id), length: keys.lengthOf(id) };
    });
    keys.makeRoom(1);
    keys.add(encoder.encode('other'));
    keys.add(encoder.encode('another that is longer than an entry'));
    const now = held.map(({ bytes, start, length }) =>
      Buffer.from(bytes.subarray(start, start + length)).toString(),
    );
    expect(now).toEqual(texts);
  });
});
