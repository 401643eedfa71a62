import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fingerprint } from '../../src/core/fingerprint.ts';
import { RecordBlock } from '../../src/core/record-block.ts';
import { createGenerator } from '../../src/generate/generator.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';
import { expectedContents } from '../../src/load/expected-contents.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { compileSchedule } from '../../src/schedule/schedule.ts';
import { compile } from '../scenario/build-scenario.ts';

const RUN = { runIdHigh: 7, runIdLow: 9, originEpochUs: 1_795_000_000_000_000 };

const plan = (arrival: string, rate: string): Plan =>
  compile(`
version: 1
load: { arrival: ${arrival}, seed: 5, phases: [{ duration: 2s, rate: ${rate} }, { duration: 1s, rate: 900/s }] }
records:
  partitionKey: { kind: zipf, cardinality: 50 }
  payload: { kind: json, template: { id: "{{uuid}}", at: "{{now}}", key: "{{key}}" } }
`);

describe('expectedContents', () => {
  it.each(['constant', 'poisson'])(
    'makes the records of any worker again, whatever their order (%s)',
    (arrival) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }), (p, w) => {
          const producers = Math.max(p, w);
          const made = plan(arrival, '400/s');
          const contents = expectedContents({ plan: made, producers, ...RUN });
          if (contents === null) throw new Error('open phases can be made again');
          const schedule = compileSchedule({
            phases: made.load.phases,
            arrival: made.load.arrival,
            seed: made.load.seed,
            replayTimesUs: [null, null],
          });
          const keys = new KeyTable();
          const generator = createGenerator({
            records: made.records,
            seed: made.load.seed,
            keys,
            stamp: RUN,
            files: [null],
          });
          const print = new Fingerprint();
          const out = new Uint32Array(4);
          for (let worker = w - 1; worker >= 0; worker--) {
            const cursor = schedule.cursor({ producers, workers: w, worker });
            const block = new RecordBlock(64);
            for (;;) {
              block.clear();
              if (cursor.fill(block, Number.POSITIVE_INFINITY, 64) === 0) break;
              generator.fill(block, 0);
              for (let i = 0; i < block.count; i++) {
                const from = block.payloadStart[i] ?? 0;
                print.of(block.payloads.bytes, from, from + (block.payloadLength[i] ?? 0));
                const isKnown = contents.lookUp(
                  block.producer[i] ?? 0,
                  block.sequence[i] ?? 0,
                  out,
                );
                expect([isKnown, out[0], out[1]]).toEqual([true, print.high, print.low]);
              }
            }
          }
        }),
        { numRuns: 8 },
      );
    },
  );

  it('knows nothing of producers and sequences that are not in the schedule', () => {
    const contents = expectedContents({ plan: plan('constant', '10/s'), producers: 2, ...RUN });
    const out = new Uint32Array(4);
    expect(contents?.lookUp(2, 0, out)).toBe(false);
    expect(contents?.lookUp(0, 459, out)).toBe(true);
    expect(contents?.lookUp(0, 460, out)).toBe(false);
  });

  it('says that a closed phase cannot be made again', () => {
    const closed = plan('constant', '{ closed: { concurrency: 3 } }');
    expect(expectedContents({ plan: closed, producers: 1, ...RUN })).toBeNull();
  });
});
