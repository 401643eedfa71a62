import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseSequenceNumber,
  SEQUENCE_DIGITS,
  SequenceWriter,
  sequenceNumber,
} from '../../../src/simulator/core/sequence.ts';

const second = fc.integer({ min: 1_600_000_000, max: 2 ** 36 - 1 });
const shard = fc.integer({ min: 0, max: 99_999 });

describe('sequence numbers', () => {
  it('have the layout of version 2', () => {
    const text = sequenceNumber({
      createdSecond: 0x123456789,
      shard: 0x1a,
      index: 0x42n,
      arrivedSecond: 0x198765432,
    });
    expect(BigInt(text).toString(16)).toBe('2123456789a000000000000004200198765432' + '0000001a2');
  });

  it('give their parts back', () => {
    fc.assert(
      fc.property(
        second,
        shard,
        fc.maxSafeNat(),
        second,
        (createdSecond, number, index, arrived) => {
          const parts = {
            createdSecond,
            shard: number,
            index: BigInt(index),
            arrivedSecond: arrived,
          };
          expect(parseSequenceNumber(sequenceNumber(parts))).toEqual(parts);
        },
      ),
    );
  });

  it('are refused when they are none', () => {
    for (const text of ['', '1', 'abc', '-5', '49'.repeat(28)]) {
      expect(parseSequenceNumber(text)).toBeNull();
    }
  });

  it('are written without BigInt as they are with it, in any order of indexes and seconds', () => {
    const moves = fc.array(fc.tuple(fc.integer({ min: -3, max: 2 ** 44 }), fc.nat(2)), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(second, shard, moves, (createdSecond, number, steps) => {
        const writer = new SequenceWriter(createdSecond, number);
        const target = new Uint8Array(SEQUENCE_DIGITS);
        const view = new DataView(target.buffer);
        let index = 5;
        let arrivedSecond = createdSecond;
        for (const [step, seconds] of steps) {
          index = Math.max(0, index + step);
          arrivedSecond += seconds;
          writer.write(number, index, arrivedSecond, view, 0);
          expect(Buffer.from(target).toString()).toBe(
            sequenceNumber({ createdSecond, shard: number, index: BigInt(index), arrivedSecond }),
          );
        }
      }),
    );
  });
});
