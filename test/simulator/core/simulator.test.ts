import { describe, expect, it } from 'vitest';
import { writeStamp } from '../../../src/kinesis/stamp.ts';
import type { FaultRule } from '../../../src/simulator/core/options.ts';
import { prometheusMetrics } from '../../../src/simulator/server/metrics.ts';
import { callOf, put, records, STREAM, simulatorOf } from '../put.ts';

const SECOND = 1_000_000;

function fault(kind: string, rule: Partial<FaultRule> = {}): FaultRule {
  return { kind, rate: null, atUs: null, forUs: null, shards: null, operation: null, ...rule };
}

function stamped(sequence: number, producer = 3, asJson = false): Uint8Array {
  const stamp = new Uint8Array(32);
  writeStamp(stamp, 0, 1, 2, producer, sequence, 395812, 404635648);
  if (!asJson) return stamp;
  return Buffer.from(`{"_stamp":"${Buffer.from(stamp).toString('base64url')}","a":1}`);
}

describe('a call', () => {
  it('is accepted record by record in request order', () => {
    const { simulator } = simulatorOf(1);
    const mixed = [...records(1, 1024 * 1024 - 100), ...records(2, 200), ...records(1, 20)];
    const call = put(simulator, mixed);
    expect([...call.recordOutcome.subarray(0, 4)]).toEqual([0, 1, 1, 0]);
    expect(call.refusedCount).toBe(2);
    expect(call.outcome).toBe('answered');
  });

  it('loses only the records of the shard that is full', () => {
    const { simulator } = simulatorOf(2);
    const list = records(500, 1).map((record, i) => ({
      ...record,
      hashKey: i % 5 === 0 ? '0' : `${2n ** 127n}`,
    }));
    put(simulator, list);
    put(simulator, list);
    const third = put(simulator, list);
    const refused = list.filter((_, i) => third.recordOutcome[i] !== 0);
    expect(refused).toHaveLength(200);
    expect(refused.every(({ hashKey }) => hashKey !== '0')).toBe(true);
  });

  it('fails as a whole for an unknown stream, a wrong hash key and too many bytes', () => {
    const { simulator } = simulatorOf(1);
    const none = callOf(records(1, 1), 'none');
    simulator.putRecords(none, () => {});
    expect(none.error?.message).toBe('Stream none under account 000000000000 not found.');
    const tooHigh = put(simulator, [
      { key: 'k', data: new Uint8Array(1), hashKey: `${2n ** 128n}` },
    ]);
    expect(tooHigh.error?.message).toMatch(
      /^Invalid ExplicitHashKey\. .*Specified value was 340282/,
    );
    expect(put(simulator, records(1, 1024 * 1024)).error?.type).toBe('InvalidArgumentException');
    expect(put(simulator, records(11, 1024 * 1024 - 10)).error?.message).toBe(
      'Records size exceeds 10 MB limit',
    );
    expect(simulator.audit().kinesisRecords.accepted).toBe(0);
    expect(simulator.audit().requests.failed).toEqual({
      ResourceNotFoundException: 1,
      InvalidArgumentException: 3,
    });
  });

  it('is answered after its service time', () => {
    const { simulator, clock } = simulatorOf(1, { latency: { kind: 'fixed', us: 5000 } });
    let answeredUs = -1;
    simulator.putRecords(callOf(records(1, 1)), () => {
      answeredUs = clock.nowUs();
    });
    clock.advance(4999);
    expect(answeredUs).toBe(-1);
    clock.advance(1);
    expect(answeredUs).toBe(5000);
  });

  it('is the same for the same seed', () => {
    const run = (seed: number) => {
      const { simulator, clock } = simulatorOf(2, {
        seed,
        latency: { kind: 'lognormal', medianUs: 6000, p99Us: 30_000 },
        faults: [fault('internal-failure', { rate: 0.2 })],
      });
      const times: string[] = [];
      for (let i = 0; i < 20; i++) {
        simulator.putRecords(callOf(records(10, 1)), (call) => {
          times.push(`${i} ${clock.nowUs()} ${call.recordOutcome.subarray(0, 10)}`);
        });
      }
      clock.advance(SECOND);
      return times;
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });
});

describe('faults', () => {
  it('that were taken away stay in the audit when they fired', () => {
    const { simulator } = simulatorOf(1, {
      faults: [fault('call-503'), fault('throttle', { shards: [1] })],
    });
    put(simulator, records(1, 1));
    simulator.clearFaults();
    simulator.addFault(fault('call-500'));
    put(simulator, records(1, 1));
    expect(simulator.audit().faults).toEqual([
      { kind: 'call-500', fired: 1 },
      { kind: 'call-503', fired: 1, isCleared: true },
    ]);
    expect(prometheusMetrics(simulator.audit())).toContain(
      'shardstorm_simulator_faults_total{kind="call-503",rule="cleared"} 1',
    );
    simulator.startAt(0);
    expect(simulator.audit().faults).toEqual([{ kind: 'call-500', fired: 0 }]);
  });

  it('refuse records by chance, each one counted', () => {
    const { simulator } = simulatorOf(1, {
      faults: [fault('internal-failure', { rate: 0.3 }), fault('throttle', { rate: 0.1 })],
    });
    const call = put(simulator, records(500, 1));
    const outcomes = [...call.recordOutcome.subarray(0, 500)];
    const failed = outcomes.filter((outcome) => outcome === 2).length;
    expect(failed).toBeGreaterThan(100);
    expect(failed).toBeLessThan(200);
    const { kinesisRecords, faults } = simulator.audit();
    expect(faults).toEqual([
      { kind: 'internal-failure', fired: failed },
      { kind: 'throttle', fired: call.refusedCount - failed },
    ]);
    expect(kinesisRecords.accepted).toBe(500 - call.refusedCount);
  });

  it('hold in their window and for their shards only', () => {
    const { simulator, clock } = simulatorOf(2, {
      faults: [fault('throttle', { atUs: SECOND, forUs: SECOND, shards: [1] })],
    });
    const both = [
      { key: 'k', data: new Uint8Array(1), hashKey: '0' },
      { key: 'k', data: new Uint8Array(1), hashKey: `${2n ** 127n}` },
    ];
    const outcomes = () => [...put(simulator, both).recordOutcome.subarray(0, 2)];
    expect(outcomes()).toEqual([0, 0]);
    clock.advance(SECOND);
    expect(outcomes()).toEqual([0, 1]);
    clock.advance(SECOND);
    expect(outcomes()).toEqual([0, 0]);
  });

  it('count their windows from the start of the clock', () => {
    const { simulator, clock } = simulatorOf(1, {
      faults: [fault('call-503', { atUs: 0, forUs: SECOND })],
    });
    clock.advance(5 * SECOND);
    expect(put(simulator, records(1, 1)).outcome).toBe('answered');
    simulator.startAt(clock.nowUs());
    const call = put(simulator, records(1, 1));
    expect([call.error?.type, call.error?.httpStatus]).toEqual(['ServiceUnavailable', 503]);
  });

  it('cut the connection before or after storing', () => {
    const before = simulatorOf(1, { faults: [fault('reset-before')] }).simulator;
    expect(put(before, records(3, 1)).outcome).toBe('cut');
    expect(before.audit().kinesisRecords.accepted).toBe(0);
    expect(before.audit().requests.cutBefore).toBe(1);
    const after = simulatorOf(1, { faults: [fault('reset-after')] }).simulator;
    expect(put(after, records(3, 1)).outcome).toBe('cut');
    expect(after.audit().kinesisRecords.accepted).toBe(3);
    expect(after.audit().requests.cutAfter).toBe(1);
  });

  it('stall calls to a shard until the window ends', () => {
    const { simulator, clock } = simulatorOf(1, {
      latency: { kind: 'fixed', us: 1000 },
      faults: [fault('stall', { atUs: 0, forUs: 2 * SECOND, shards: [0] })],
    });
    const answeredUs: number[] = [];
    const send = () =>
      simulator.putRecords(callOf(records(1, 1)), () => answeredUs.push(clock.nowUs()));
    send();
    clock.advance(SECOND);
    send();
    clock.advance(5 * SECOND);
    expect(answeredUs).toEqual([2_001_000, 2_001_000]);
  });

  it('split and merge shards at their time', () => {
    const { simulator, clock } = simulatorOf(2, {
      faults: [
        fault('split-shard', { atUs: SECOND, shards: [0] }),
        fault('merge-shards', { atUs: 2 * SECOND, shards: [3] }),
      ],
    });
    const open = () => simulator.stream(STREAM).openShards.map(({ place }) => place.number);
    expect(open()).toEqual([0, 1]);
    clock.advance(SECOND);
    expect(open()).toEqual([2, 3, 1]);
    clock.advance(SECOND);
    expect(open()).toEqual([2, 4]);
    expect(simulator.stream(STREAM).shards[4]?.place).toMatchObject({
      parentNumber: 3,
      adjacentParentNumber: 1,
    });
    expect(simulator.audit().faults.map(({ fired }) => fired)).toEqual([1, 1]);
  });

  it('of an unknown kind are refused with the kinds there are', () => {
    expect(() => simulatorOf(1, { faults: [fault('slow')] })).toThrow(
      /fault kind 'slow' is unknown/,
    );
  });
});

describe('the audit', () => {
  it('finds duplicates by stamp, binary and JSON, for each producer', () => {
    const { simulator } = simulatorOf(1);
    const list = [0, 1, 2, 1, 70_000].map((sequence) => ({ key: 'k', data: stamped(sequence) }));
    list.push({ key: 'k', data: stamped(2, 3, true) }, { key: 'k', data: stamped(2, 4, true) });
    list.push({ key: 'k', data: Buffer.from('no stamp at all, but longer than a stamp') });
    put(simulator, list);
    const { userRecords, producers } = simulator.audit();
    expect(userRecords).toMatchObject({ accepted: 8, stamped: 7, duplicates: 2 });
    expect(producers).toEqual([
      {
        runId: '0000000100000002',
        producer: 3,
        records: 6,
        distinct: 4,
        duplicates: 2,
        sequenceMax: 70_000,
        digest: 'e215fb1e5864bf90',
      },
      {
        runId: '0000000100000002',
        producer: 4,
        records: 1,
        distinct: 1,
        duplicates: 0,
        sequenceMax: 2,
        digest: '7f3ed8135ed62fd9',
      },
    ]);
  });

  it('begins again at zero with the clock', () => {
    const { simulator } = simulatorOf(1);
    put(simulator, records(400, 1));
    simulator.startAt(0);
    const report = simulator.audit();
    expect(report.kinesisRecords.accepted).toBe(0);
    expect(report.shards[0]).toMatchObject({ records: 0, bytes: 0 });
    expect(put(simulator, records(500, 1)).refusedCount).toBe(0);
    expect(put(simulator, records(500, 1)).refusedCount).toBe(0);
  });

  it('counts bytes of data and key', () => {
    const { simulator } = simulatorOf(1);
    put(simulator, [{ key: 'größe', data: new Uint8Array(10) }]);
    expect(simulator.audit().kinesisRecords.acceptedBytes).toBe(17);
  });
});

describe('storage', () => {
  it('drops the oldest records past its bound and counts them', () => {
    const { simulator, clock } = simulatorOf(2, { storedBytesMax: 100_000 });
    const written: number[] = [];
    for (let i = 0; i < 50; i++) {
      put(
        simulator,
        records(10, 1000, (n) => `${i}-${n}`),
      );
      clock.advance(SECOND);
      written.push(i);
    }
    const { heldBytes, droppedRecords } = simulator.audit().storage;
    expect(heldBytes).toBeLessThanOrEqual(100_000);
    const logs = simulator.stream(STREAM).shards.map(({ log }) => log);
    const held = logs.reduce((sum, log) => sum + log.next - log.first, 0);
    expect(held).toBe(500 - droppedRecords);
    expect(held).toBeGreaterThan(50);
    for (const log of logs) {
      for (let index = log.first; index < log.next; index++) {
        expect(log.body(index).data(log.place(index))).toHaveLength(1000);
        expect(Buffer.from(log.body(index).key(log.place(index))).toString()).toMatch(/^\d+-\d$/);
      }
    }
  });

  it('finds the first record at or after a time', () => {
    const { simulator, clock } = simulatorOf(1);
    const startMs = simulator.nowMs();
    for (let i = 0; i < 100; i++) {
      put(simulator, records(3, 1));
      clock.advance(10_000);
    }
    const log = simulator.stream(STREAM).shards[0]?.log;
    expect(log?.indexAtTime(startMs - 5)).toBe(0);
    expect(log?.indexAtTime(startMs + 500)).toBe(150);
    expect(log?.indexAtTime(startMs + 501)).toBe(153);
    expect(log?.indexAtTime(startMs + 99_999)).toBe(300);
  });
});
