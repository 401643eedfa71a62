import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fingerprint } from '../../src/core/fingerprint.ts';
import { ByteBudget, SequenceSet } from '../../src/core/sequence-set.ts';
import { Audit, type AuditOptions } from '../../src/verify/audit.ts';
import { hashRange } from '../../src/verify/hash-range.ts';
import { type Expectation, judge, type ProducerExpectation } from '../../src/verify/judge.ts';
import { aggregate, ORIGIN_US, RUN, shard, stamped, stored } from './builders.ts';

const newAudit = (options: Partial<AuditOptions> = {}) =>
  new Audit({ run: RUN, contents: null, onTimes: () => {}, ...options });

function setOf(sequences: Iterable<number>): SequenceSet {
  const set = new SequenceSet(new ByteBudget(1e7));
  for (const sequence of sequences) set.add(sequence);
  return set;
}

function expecting(offered: number, lists: Partial<Record<string, number[]>> = {}) {
  const producer: ProducerExpectation = {
    offered,
    notAccepted: setOf(lists['notAccepted'] ?? []),
    uncertain: setOf(lists['uncertain'] ?? []),
    repeated: setOf(lists['repeated'] ?? []),
  };
  return producer;
}

const expectation = (
  producers: readonly ProducerExpectation[],
  rest: Partial<Expectation> = {},
): Expectation => ({ producers, workers: 2, problem: '', accepted: 0, ...rest });

/** One lone record. */
const put = (audit: Audit, producer: number, sequence: number, key = 'k') =>
  audit.record(shard(), stored(stamped(producer, sequence), key), ORIGIN_US);

/** What becomes of a record, and how often the stream holds it. */
const fate = fc.record({
  end: fc.constantFrom('accepted', 'accepted', 'accepted', 'notAccepted', 'uncertain'),
  isRepeated: fc.boolean(),
  copies: fc.constantFrom(0, 1, 1, 1, 2, 4),
});

describe('the audit against a model', () => {
  it('accounts for any mix of losses, copies and uncertain records, in any arrangement', () => {
    const producers = fc.array(fc.array(fate, { maxLength: 120 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(producers, fc.infiniteStream(fc.nat(1000)), (fates, draws) => {
        const next = () => draws.next().value as number;
        const audit = newAudit();
        const all = fates.flatMap((list, producer) =>
          list.flatMap(({ copies }, sequence) =>
            Array.from({ length: copies }, () => ({ producer, sequence, order: next() })),
          ),
        );
        all.sort((a, b) => a.order - b.order);
        while (all.length > 0) {
          const some = all.splice(0, 1 + (next() % 7));
          const users = some.map((one) => ({
            key: 'k',
            data: stamped(one.producer, one.sequence),
          }));
          const [only] = users;
          const data = users.length === 1 && only !== undefined ? only.data : aggregate(users);
          audit.record(shard(next() % 3), stored(data, 'k'), ORIGIN_US);
        }
        const model = {
          expected: 0,
          found: 0,
          lost: 0,
          uncertainFound: 0,
          uncertainAbsent: 0,
          duplicatesExpected: 0,
          duplicatesUnexplained: 0,
          foundThoughRefused: 0,
        };
        const lost: string[] = [];
        for (const [producer, list] of fates.entries()) {
          for (const [sequence, { end, isRepeated, copies }] of list.entries()) {
            const isThere = copies > 0;
            if (end === 'accepted') {
              model.expected++;
              if (isThere) model.found++;
              else {
                model.lost++;
                lost.push(`${producer}:${sequence}`);
              }
            } else if (end === 'uncertain' || isRepeated) {
              if (isThere) model.uncertainFound++;
              else model.uncertainAbsent++;
            } else if (isThere) model.foundThoughRefused++;
            const extra = Math.max(0, copies - 1);
            if (isRepeated || end === 'uncertain') model.duplicatesExpected += extra;
            else model.duplicatesUnexplained += extra;
          }
        }
        const places = (
          list: (typeof fates)[number],
          is: (one: (typeof list)[number]) => boolean,
        ) => list.flatMap((one, sequence) => (is(one) ? [sequence] : []));
        const judged = judge(
          audit,
          expectation(
            fates.map((list) =>
              expecting(list.length, {
                notAccepted: places(list, ({ end }) => end === 'notAccepted'),
                uncertain: places(list, ({ end }) => end === 'uncertain'),
                repeated: places(list, ({ isRepeated }) => isRepeated),
              }),
            ),
          ),
        );
        expect(judged).toMatchObject({ ...model, basis: 'sequences', impossible: 0 });
        const gaps = judged.gaps.flatMap(({ producer, from, to }) =>
          Array.from({ length: to - from + 1 }, (_, i) => `${producer}:${from + i}`),
        );
        expect(gaps).toEqual(lost);
      }),
      { numRuns: 150 },
    );
  });

  it('counts exactly the records behind a later one of their key, whatever the order', () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 40 }, (_, i) => i),
      { minLength: 40 },
    );
    fc.assert(
      fc.property(order, (sequences) => {
        const audit = newAudit();
        const highest = [-1, -1, -1];
        let late = 0;
        for (const sequence of sequences) {
          const key = sequence % 3;
          put(audit, 0, sequence, `key-${key}`);
          if (sequence < (highest[key] ?? 0)) late++;
          highest[key] = Math.max(highest[key] ?? 0, sequence);
        }
        expect(audit.keyOrder.lateRecords).toBe(late);
      }),
    );
  });
});

describe('the audit', () => {
  it('finds a swap of two neighbours once, within their key and their shard', () => {
    const audit = newAudit();
    for (const sequence of [0, 1, 3, 2, 4]) put(audit, 0, sequence);
    expect(audit.keyOrder.lateRecords).toBe(1);
    expect(audit.shardOrder.lateRecords).toBe(1);
  });

  it('does not take a copy for a late record, nor other producers or keys', () => {
    const audit = newAudit();
    for (const sequence of [0, 1, 2, 0]) put(audit, 0, sequence);
    put(audit, 1, 0);
    put(audit, 0, 9, 'a');
    put(audit, 0, 3, 'b');
    expect(audit.keyOrder.lateRecords).toBe(0);
    expect(audit.shardOrder.lateRecords).toBe(1);
  });

  it('tells others apart: no stamp, another run, and stamps that the run never wrote', () => {
    const audit = newAudit();
    audit.record(shard(), stored(Buffer.from('{"a":1}')), 0);
    const other = { runHigh: 1, runLow: 2 };
    audit.record(shard(), stored(stamped(0, 0, { run: other })), 0);
    put(audit, 0, 0);
    put(audit, 0, 7);
    put(audit, 5, 0);
    expect(audit.counts).toMatchObject({ foreignUnstamped: 1, foreignRuns: 1, ownRecords: 3 });
    expect(judge(audit, expectation([expecting(1)]))).toMatchObject({ impossible: 2, lost: 0 });
  });

  it('reads stamps in JSON', () => {
    const audit = newAudit();
    const text = stamped(3, 11).subarray(0, 32).toString('base64url');
    audit.record(shard(), stored(Buffer.from(`{"_stamp":"${text}","x":1}`)), 0);
    audit.record(shard(), stored(Buffer.from(`{"_stamp":"${text.slice(0, 42)}*"}`)), 0);
    expect(audit.counts).toMatchObject({ ownRecords: 1, foreignUnstamped: 1 });
    expect(audit.producers[3]?.seen.has(11)).toBe(true);
  });

  it('does not count what consumers cannot take apart, and says where it lies', () => {
    const audit = newAudit();
    const broken = aggregate([
      { key: 'k', data: stamped(0, 0) },
      { key: 'k', data: stamped(0, 1) },
    ]);
    broken[40] = (broken[40] ?? 0) ^ 4;
    audit.record(shard(2), stored(broken, 'a', '77'), 0);
    expect(audit.counts).toMatchObject({ brokenAggregates: 1, ownRecords: 0 });
    expect(audit.samples).toEqual([
      {
        kind: 'broken-aggregate',
        shard: 'shardId-000000000002',
        sequenceNumber: '77',
        producer: null,
        sequence: null,
      },
    ]);
    expect(judge(audit, expectation([expecting(2)]))).toMatchObject({ lost: 2 });
  });

  it('leaves the broken and misplaced aggregates of other writers to them', () => {
    const audit = newAudit();
    const broken = (data: Uint8Array) => {
      const bytes = aggregate([{ key: 'k', data }]);
      bytes[6] = (bytes[6] ?? 0) ^ 1;
      return stored(bytes);
    };
    audit.record(shard(), broken(Buffer.from('theirs')), 0);
    audit.record(shard(), broken(stamped(0, 0, { run: { runHigh: 1, runLow: 2 } })), 0);
    expect(audit.counts).toMatchObject({ brokenAggregates: 0, foreignUnstamped: 2 });
    const text = stamped(0, 1).subarray(0, 32).toString('base64url');
    audit.record(shard(), broken(Buffer.from(`{"_stamp":"${text}"}`)), 0);
    expect(audit.counts).toMatchObject({ brokenAggregates: 1, foreignUnstamped: 2 });
    const elsewhere = { ...shard(), range: hashRange(0n, 1n) };
    audit.record(elsewhere, stored(aggregate([{ key: 'k', data: Buffer.from('x') }])), 0);
    expect(audit.counts).toMatchObject({ misplacedRecords: 0, foreignUnstamped: 3 });
  });

  it('drops an aggregate with a key of another shard whole, as the KCL does', () => {
    const half = 1n << 127n;
    const low = { ...shard(), range: hashRange(0n, half - 1n) };
    const users = (hashKey: bigint) => [
      { key: 'k', data: stamped(0, 0), hashKey: '5' },
      { key: 'k', data: stamped(0, 1), hashKey: String(hashKey) },
    ];
    const audit = newAudit();
    audit.record(low, stored(aggregate(users(half))), 0);
    expect(audit.counts).toMatchObject({ misplacedRecords: 2, ownRecords: 0 });
    audit.record(low, stored(aggregate(users(half - 1n))), 0);
    expect(audit.counts).toMatchObject({ misplacedRecords: 2, ownRecords: 2 });
    // MD5 of "b" begins with 92, of "k" with 8c, of "c" with 4a.
    audit.record(low, stored(aggregate([{ key: 'c', data: stamped(0, 2) }])), 0);
    audit.record(low, stored(aggregate([{ key: 'b', data: stamped(0, 3) }])), 0);
    expect(audit.counts).toMatchObject({ misplacedRecords: 3, ownRecords: 3 });
  });

  it('holds payloads and keys against what they should be', () => {
    const print = new Fingerprint();
    const contents = {
      lookUp(_producer: number, sequence: number, out: Uint32Array) {
        const payload = stamped(0, sequence, { tail: `right ${sequence}` });
        print.of(payload, 0, payload.length);
        out[0] = print.high;
        out[1] = print.low;
        print.of(Buffer.from(`k${sequence}`), 0, 2);
        out[2] = print.high;
        out[3] = print.low;
        return sequence < 4;
      },
    };
    const audit = newAudit({ contents });
    const user = (sequence: number, tail: string, key: string) => ({
      key,
      data: stamped(0, sequence, { tail }),
    });
    audit.record(
      shard(),
      stored(aggregate([user(0, 'right 0', 'k0'), user(1, 'right 1', 'k0')])),
      0,
    );
    audit.record(shard(), stored(stamped(0, 2, { tail: 'wrong 2' }), 'k2'), 0);
    audit.record(shard(), stored(stamped(0, 4, { tail: 'unknown' }), 'k?'), 0);
    expect(audit.counts).toMatchObject({ comparedRecords: 3, wrongContents: 1, wrongKeys: 1 });
    expect(audit.samples.map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['wrong-key', 1],
      ['wrong-contents', 2],
    ]);
  });

  it('tells times once for each record: intended, arrived, read', () => {
    const times: number[][] = [];
    const audit = newAudit({ onTimes: (...seen) => times.push(seen) });
    for (let copy = 0; copy < 2; copy++) {
      audit.record(shard(), stored(stamped(0, 3)), ORIGIN_US + 9000);
    }
    expect(times).toEqual([[ORIGIN_US + 3000, ORIGIN_US + 5000, ORIGIN_US + 9000]]);
  });

  it('falls back to counts when the run could not list its failures', () => {
    const audit = newAudit();
    for (let sequence = 0; sequence < 6; sequence++) put(audit, 0, sequence);
    put(audit, 0, 0);
    const judged = judge(audit, expectation([expecting(20)], { problem: 'why', accepted: 10 }));
    expect(judged).toMatchObject({ basis: 'counts', expected: 10, found: 6, lost: 4, gaps: [] });
    expect(judged.duplicatesUnexplained).toBe(1);
  });
});
