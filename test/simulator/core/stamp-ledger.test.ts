import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeStamp } from '../../../src/kinesis/stamp.ts';
import { StampLedger } from '../../../src/simulator/core/stamp-ledger.ts';

function count(ledger: StampLedger, run: number, producer: number, sequence: number): void {
  const bytes = new Uint8Array(40);
  writeStamp(bytes, 4, 7, run, producer, sequence, 0, 0);
  ledger.count(bytes, 4, 36);
}

it('counts as a set of (run, producer, sequence) would', () => {
  const stamp = fc.tuple(fc.nat(3), fc.nat(5), fc.nat(200_000));
  fc.assert(
    fc.property(fc.array(fc.oneof(stamp, fc.constant([0, 1, 5] as const))), (stamps) => {
      const ledger = new StampLedger();
      const seen = new Set<string>();
      for (const [run, producer, sequence] of stamps) {
        count(ledger, run, producer, sequence);
        seen.add(`${run} ${producer} ${sequence}`);
      }
      expect(ledger.stamped).toBe(stamps.length);
      expect(ledger.duplicates).toBe(stamps.length - seen.size);
      const distinct = ledger.producers().reduce((sum, producer) => sum + producer.distinct, 0);
      expect(distinct).toBe(seen.size);
    }),
  );
});

it('stays bounded: runs without end and sequences beyond every bitmap are counted as unchecked', () => {
  const ledger = new StampLedger();
  for (let run = 0; run < 100; run++) count(ledger, run, 0, 0);
  expect(ledger.producers()).toHaveLength(64);
  expect(ledger.unchecked).toBe(36);
  count(ledger, 0, 0, 2 ** 52);
  expect(ledger.unchecked).toBe(37);
});
