import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMd5, type Md5, type Md5Batch, openSslMd5, SimdMd5 } from '../../src/kinesis/md5.ts';
import { MD5_MODULE } from '../../src/kinesis/md5-module.ts';

/** Digests in hex, by message; every message stands at an odd place in a buffer of its own. */
function digests(md5: Md5, messages: readonly Uint8Array[]): string[] {
  const found: string[] = new Array(messages.length).fill('');
  const buffers = messages.map((message) => Buffer.concat([Buffer.from('abc'), message]));
  const batch: Md5Batch = {
    bytesOf: (i) => buffers[i]!,
    startOf: () => 3,
    endOf: (i) => buffers[i]!.length,
    finish(i, digest) {
      expect(found[i], 'finished once').toBe('');
      found[i] = Buffer.from(digest).toString('hex');
    },
  };
  md5.hashAll(batch, messages.length);
  return found;
}

const oracle = (messages: readonly Uint8Array[]) =>
  messages.map((message) => createHash('md5').update(message).digest('hex'));

/** RFC 1321, A.5. */
const VECTORS = [
  ['', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['a', '0cc175b9c0f1b6a831c399e269772661'],
  ['abc', '900150983cd24fb0d6963f7d28e17f72'],
  ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
  [
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
    'd174ab98d277d9f5a5611c2c9f419d9f',
  ],
  [
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
    '57edf4a22be3c955ac49da2e2107b67a',
  ],
] as const;

const simd = new SimdMd5(Buffer.from(MD5_MODULE, 'base64'));

describe.each([
  ['simd', simd],
  ['openssl', openSslMd5()],
] as const)('MD5 by %s', (_, md5) => {
  it('knows the digests of RFC 1321', () => {
    const messages = VECTORS.map(([text]) => Buffer.from(text));
    expect(digests(md5, messages)).toEqual(VECTORS.map(([, digest]) => digest));
    for (const [text, digest] of VECTORS)
      expect(digests(md5, [Buffer.from(text)])).toEqual([digest]);
  });

  it('hashes nothing when the batch is empty', () => {
    expect(digests(md5, [])).toEqual([]);
  });
});

describe('MD5 by simd', () => {
  it('agrees with OpenSSL at every length around a block and a chunk', () => {
    const near = (length: number) => Array.from({ length: 140 }, (_, i) => length - 70 + i);
    const lengths = [...Array(200).keys(), ...near(8192), ...near(16_384)];
    const messages = lengths.map((length) => Buffer.alloc(length, `${length}`));
    expect(digests(simd, messages)).toEqual(oracle(messages));
  });

  it('agrees with OpenSSL for any number of messages of any lengths, batch after batch', () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 130 }),
      fc
        .tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer())
        .map(([length, seed]) =>
          Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e37_79b1) >>> 24),
        ),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        expect(digests(simd, messages)).toEqual(oracle(messages));
      }),
      { numRuns: 60 },
    );
  });
});

describe('createMd5', () => {
  it('takes vectors where they agree with OpenSSL', () => {
    expect(createMd5().engine).toBe('simd');
  });

  it('takes OpenSSL where there is no WebAssembly', () => {
    const original = WebAssembly;
    try {
      Reflect.set(globalThis, 'WebAssembly', undefined);
      expect(createMd5().engine).toBe('openssl');
    } finally {
      Reflect.set(globalThis, 'WebAssembly', original);
    }
  });

  it('takes OpenSSL where vectors give another digest', () => {
    const { Instance } = WebAssembly;
    try {
      Reflect.set(WebAssembly, 'Instance', function broken(module: WebAssembly.Module) {
        const { exports } = new Instance(module);
        return { exports: { ...exports, lanes: () => {} } };
      });
      expect(createMd5().engine).toBe('openssl');
    } finally {
      Reflect.set(WebAssembly, 'Instance', Instance);
    }
  });
});
