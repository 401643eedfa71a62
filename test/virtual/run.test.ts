import { describe, expect, it } from 'vitest';
import { planOf, runPlan, virtualRun } from './harness.ts';

describe('a virtual run', () => {
  it('offers the whole schedule, and the audit agrees record for record', async () => {
    const { outcome, count, everywhere, audit } = await runPlan(planOf());
    expect(outcome.status).toBe('completed');
    expect(count('userRecords.offered')).toBe(6000);
    expect(everywhere('userRecords.accepted')).toBe(9000);
    expect(everywhere('kinesisRecords.accepted')).toBe(audit.kinesisRecords.accepted);
    expect(everywhere('kinesisRecords.bytesAccepted')).toBe(audit.kinesisRecords.acceptedBytes);
  });

  it('is the same twice, and another for another seed', async () => {
    const set = [
      'load.arrival=poisson',
      'target.simulator.faults=[{kind: internal-failure, rate: 2%}, {kind: reset-after, rate: 1%}]',
    ];
    const figures = async (seed: string) => {
      const { outcome, totals } = await runPlan(planOf(...set, `load.seed=${seed}`));
      const { count, sumUs, minUs, maxUs } = totals.latency.response;
      return [outcome.durationUs, [...totals.counters], count, sumUs, minUs, maxUs];
    };
    const first = await figures('1');
    expect(await figures('1')).toEqual(first);
    expect(await figures('2')).not.toEqual(first);
  });

  it('generates each record at most one nap after it was due', async () => {
    const { totals } = await runPlan(planOf('load.arrival=poisson'));
    const { lateness } = totals.latency;
    expect(lateness.maxUs).toBeLessThanOrEqual(100);
    expect(lateness.sumUs / lateness.count).toBeCloseTo(50, -1);
  });

  it('times a call out when its answer takes longer than producer.requestTimeout', async () => {
    const { count, totals } = await runPlan(
      planOf(
        'target.simulator.latency={fixed: 1ms}',
        'target.simulator.faults=[{kind: stall, at: 4s, for: 1s}]',
        'producer.requestTimeout=300ms',
      ),
    );
    expect(count('attempts.unknown')).toBeGreaterThan(0);
    expect(count('userRecords.accepted')).toBe(6000);
    expect(totals.latency.service.maxUs).toBeLessThanOrEqual(300_000);
  });

  it.each([
    ['cbor', 1],
    ['json', 4 / 3],
  ])(
    'lets a producer hold what it may on the wire, where bodies are %s',
    async (protocol, copies) => {
      const { everywhere } = await runPlan(
        planOf(
          'load.producers=1',
          'load.phases.warm-up.duration=1ms',
          'records.partitionKey={kind: template, template: abcdefgh}',
          'records.payload.size=1000B',
          'producer.aggregation.enabled=false',
          'producer.overload=drop',
          'producer.maxBufferedMemory=1MiB',
          `producer.protocol=${protocol}`,
          // Nothing is answered until all is offered.
          'target.simulator.faults=[{kind: stall, at: 0s, for: 100s}]',
          'producer.requestTimeout=60s',
          'producer.recordTtl=80s',
          'load.drain=1s',
        ),
      );
      // Payload and key, their part of a body, and what a record that travels alone counts besides.
      const each = 1008 + Math.ceil(1008 * copies) + 64 + 512;
      const held = everywhere('userRecords.offered') - everywhere('userRecords.dropped');
      // It takes records as long as there is room, so the last one may go beyond.
      expect(held).toBe(Math.ceil((1024 * 1024) / each));
    },
  );

  it('makes of spoiled answers, cut connections and refused calls what a client on the wire does', async () => {
    const faults = ['truncated-body', 'wrong-record-count', 'reset-before', 'call-503', 'throttle']
      .map((kind) => `{kind: ${kind}, rate: 5%}`)
      .join(', ');
    const { totals, everywhere } = await runPlan(planOf(`target.simulator.faults=[${faults}]`));
    const codes = [...totals.errorCodes.keys()];
    expect(codes).toEqual(
      expect.arrayContaining([
        'UnreadableAnswer',
        'Record Count Mismatch',
        'ConnectionReset',
        'ServiceUnavailable',
        'ProvisionedThroughputExceededException',
      ]),
    );
    const ended = ['accepted', 'failed', 'expired', 'dropped'] as const;
    const sum = ended.reduce((all, name) => all + everywhere(`userRecords.${name}`), 0);
    expect(sum).toBe(everywhere('userRecords.offered'));
  });

  it('gives up what never settles when the time to drain is over', async () => {
    const { outcome, count, everywhere } = await runPlan(
      planOf(
        'target.simulator.faults=[{kind: stall, at: 1s, for: 1h}]',
        'producer.requestTimeout=10m',
        'load.drain=2s',
      ),
    );
    // The timer of the thread fires just after its step.
    expect(outcome.durationUs).toBe(8_000_000.5);
    expect(count('userRecords.failed')).toBe(6000);
    expect(everywhere('userRecords.uncertain')).toBeGreaterThan(0);
  });

  it.each(['drain', 'now'] as const)('stops when it is told to: %s', async (mode) => {
    const plan = planOf();
    let slices = 0;
    const run = virtualRun(plan, {
      pause: async () => {
        if (++slices === 5) run.stop(mode);
      },
    });
    const outcome = await run.run();
    expect(outcome).toMatchObject({ status: 'interrupted', stoppedUs: 500_000 });
    expect(outcome.durationUs).toBeLessThan(2_000_000);
  });

  it('follows a stream whose shards are split under it', async () => {
    const { everywhere, audit } = await runPlan(
      planOf('target.simulator.faults=[{kind: split-shard, at: 2s, shard: 0}]'),
    );
    expect(everywhere('attempts.wrongShard')).toBeGreaterThan(0);
    expect(everywhere('userRecords.accepted')).toBe(9000);
    expect(audit.shards.filter(({ records }) => records > 0)).toHaveLength(6);
  });

  it('fails with the service’s error when the shards cannot be listed', async () => {
    const plan = planOf(
      'target.simulator.faults=[{kind: call-500, rate: 100%, operation: ListShards}]',
    );
    await expect(virtualRun(plan).run()).rejects.toThrow('InternalFailure');
  });
});
