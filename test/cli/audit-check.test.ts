import { describe, expect, it } from 'vitest';
import { compareWithAudit } from '../../src/cli/audit-check.ts';
import { COUNTER_INDEX } from '../../src/measure/frame.ts';
import { PhaseTotals } from '../../src/measure/run-totals.ts';
import type { AuditReport } from '../../src/simulator/core/audit.ts';

interface ShardCounts {
  readonly records: number;
  readonly throttled: number;
  readonly isOpen?: boolean;
}

/** What the generator counted, shard by shard. */
function booksOf(...shards: readonly ShardCounts[]): PhaseTotals {
  const totals = new PhaseTotals();
  shards.forEach(({ records, throttled }, number) => {
    Object.assign(totals.shard(number), { records, throttled });
  });
  totals.counters[COUNTER_INDEX['kinesisRecords.accepted']] = sum(shards);
  return totals;
}

/** What the simulator counted, shard by shard. */
function auditOf(...shards: readonly ShardCounts[]): AuditReport {
  return {
    requests: { total: 0, succeeded: 0, partial: 0, failed: {}, cutBefore: 0, cutAfter: 0 },
    kinesisRecords: { accepted: sum(shards), acceptedBytes: 0, refused: {} },
    userRecords: {
      accepted: 0,
      bytes: 0,
      aggregates: 0,
      stamped: 0,
      digest: '',
      duplicates: 0,
      unchecked: 0,
    },
    shards: shards.map(({ records, throttled, isOpen = true }, number) => ({
      stream: 'test',
      id: `shard ${number}`,
      number,
      isOpen,
      records,
      bytes: 0,
      throttled,
      internalFailures: 0,
    })),
    producers: [],
    faults: [],
    storage: { heldBytes: 0, droppedRecords: 0, expiredRecords: 0 },
  };
}

const sum = (shards: readonly ShardCounts[]) =>
  shards.reduce((total, { records }) => total + records, 0);

describe("the generator's count against the simulator's", () => {
  it('has no difference when each shard agrees; the simulator may know of more that it throttled', () => {
    const books = booksOf({ records: 5, throttled: 2 }, { records: 7, throttled: 0 });
    const audit = auditOf({ records: 5, throttled: 3 }, { records: 7, throttled: 0 });
    expect(compareWithAudit([books], audit)).toEqual([]);
  });

  it('names the shard whose records differ', () => {
    const books = booksOf({ records: 5, throttled: 0 }, { records: 7, throttled: 0 });
    const audit = auditOf({ records: 6, throttled: 0 }, { records: 6, throttled: 0 });
    expect(compareWithAudit([books], audit)).toEqual([
      "the generator counted 5 records accepted in shard 0, the simulator's audit 6",
      "the generator counted 7 records accepted in shard 1, the simulator's audit 6",
    ]);
  });

  it('names the shard that throttled fewer attempts than were counted for it', () => {
    const books = booksOf({ records: 5, throttled: 4 }, { records: 7, throttled: 0 });
    const audit = auditOf({ records: 5, throttled: 3 }, { records: 7, throttled: 1 });
    expect(compareWithAudit([books], audit)).toEqual([
      "the generator counted 4 attempts throttled in shard 0, the simulator's audit 3",
    ]);
  });

  it('holds only the sum of throttled attempts once a shard was closed: they name no shard', () => {
    const books = (throttled: number) =>
      booksOf({ records: 5, throttled }, { records: 7, throttled: 0 });
    const audit = auditOf(
      { records: 5, throttled: 3, isOpen: false },
      { records: 7, throttled: 1 },
    );
    expect(compareWithAudit([books(4)], audit)).toEqual([]);
    expect(compareWithAudit([books(5)], audit)).toEqual([
      "the generator counted 5 attempts throttled in all shards, the simulator's audit 4",
    ]);
  });
});
