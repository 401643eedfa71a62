import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WriteLimit } from '../../../src/simulator/core/write-limit.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000_000;

function admitted(
  limit: WriteLimit,
  count: number,
  bytes: number,
  nowUs: number,
  call = 0,
): number {
  let taken = 0;
  for (let i = 0; i < count; i++) if (limit.admit(bytes, nowUs, call)) taken++;
  return taken;
}

describe('the write limit of a shard', () => {
  it('takes 1,000 records at once, then 1 a millisecond', () => {
    const limit = new WriteLimit('bucket', false);
    expect(admitted(limit, 3000, 10, 0)).toBe(1000);
    expect(admitted(limit, 3000, 10, 100_000)).toBe(100);
    expect(admitted(limit, 3000, 10, 10 * SECOND)).toBe(1000);
  });

  it('takes 1 MiB at once and refills steadily', () => {
    const limit = new WriteLimit('bucket', false);
    expect(admitted(limit, 5, MIB - 10, 0)).toBe(1);
    expect(admitted(limit, 5, MIB / 2, SECOND / 4)).toBe(0);
    expect(admitted(limit, 5, MIB / 2, SECOND / 2)).toBe(1);
  });

  it('refuses one record and takes a smaller one after it', () => {
    const limit = new WriteLimit('bucket', false);
    expect(limit.admit(MIB - 100, 0, 0)).toBe(true);
    expect(limit.admit(200, 0, 0)).toBe(false);
    expect(limit.admit(50, 0, 0)).toBe(true);
  });

  it('takes a record of 10 MiB when nothing was used, and is shut until it is paid off', () => {
    const limit = new WriteLimit('bucket', false);
    expect(limit.admit(10 * MIB, 0, 0)).toBe(true);
    expect(limit.admit(1024, 9 * SECOND, 1)).toBe(false);
    expect(limit.admit(1024, 9.01 * SECOND, 1)).toBe(true);
    expect(limit.admit(10 * MIB, 9.5 * SECOND, 2)).toBe(false);
  });

  it('rounds the bytes of a call up to KiB once, not for each record', () => {
    const oneCall = new WriteLimit('bucket', true);
    expect(admitted(oneCall, 2000, 1024 + 100, 0)).toBe(Math.floor(MIB / 1124));
    const callsOfOne = new WriteLimit('bucket', true);
    let taken = 0;
    for (let call = 0; call < 2000; call++) if (callsOfOne.admit(1124, 0, call)) taken++;
    expect(taken).toBe(512);
  });

  it('with windows begins anew at each full second', () => {
    const limit = new WriteLimit('window', false);
    expect(admitted(limit, 3000, 10, 0.9 * SECOND)).toBe(1000);
    expect(admitted(limit, 3000, 10, 0.99 * SECOND)).toBe(0);
    expect(admitted(limit, 3000, 10, SECOND)).toBe(1000);
  });

  it('never takes more than two seconds’ worth in any second', () => {
    const step = fc.record({ waitUs: fc.nat(400_000), bytes: fc.integer({ min: 1, max: MIB }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.boolean(), (steps, rounds) => {
        const limit = new WriteLimit('bucket', rounds);
        const taken: { atUs: number; bytes: number }[] = [];
        let nowUs = 0;
        for (const [call, { waitUs, bytes }] of steps.entries()) {
          nowUs += waitUs;
          if (limit.admit(bytes, nowUs, call)) taken.push({ atUs: nowUs, bytes });
        }
        for (const { atUs } of taken) {
          const window = taken.filter((other) => other.atUs >= atUs && other.atUs < atUs + SECOND);
          expect(window.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(2 * MIB);
        }
      }),
    );
  });
});
