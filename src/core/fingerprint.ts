// HOT PATH of reading back: 1 ns a byte, no allocation.
/**
 * 64-bit fingerprints of bytes, not cryptographic: to recognise a key or a payload again without keeping it. Two running
 * products (FNV-1a and a second multiplier), mixed at the end as in MurmurHash3.
 */

/** A fingerprint as two words of 32 bits; one object is reused for all. */
export class Fingerprint {
  high = 0;
  low = 0;

  /** Of `bytes[start, end)`. @param salt changes the whole fingerprint */
  of(bytes: Uint8Array, start: number, end: number, salt = 0): void {
    let a = 0x811c_9dc5 ^ salt;
    let b = 0x9747_b28c ^ (end - start);
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      a = Math.imul(a ^ byte, 0x0100_0193);
      b = Math.imul((b << 13) | (b >>> 19), 0x85eb_ca6b) ^ byte;
    }
    this.high = mixed(a ^ (b >>> 15));
    this.low = mixed(b ^ salt);
  }
}

function mixed(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
