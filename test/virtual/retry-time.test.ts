import { expect, it } from 'vitest';
import { planOf, runPlan } from './harness.ts';

it('times a retry from the first sending to the last, and the parts make the whole', async () => {
  const { count, totals } = await runPlan(
    planOf(
      'load.phases.hold.rate=20/s',
      'load.producers=1',
      'producer.aggregation.enabled=false',
      'producer.requestTimeout=300ms',
      'target.simulator.latency={fixed: 1ms}',
      // Long enough for one call to time out, and over before it is sent again.
      'target.simulator.faults=[{kind: stall, at: 3s, for: 400ms}]',
    ),
  );
  const { response, lateness, buffering, retry, service } = totals.latency;
  expect(count('userRecords.accepted')).toBe(60);
  expect(count('attempts.unknown')).toBe(1);
  expect(retry.count).toBe(60);
  // One record was sent twice, so that all of the retry is its own: the time-out, then the backoff that the seed draws.
  expect(retry.maxUs).toBe(retry.sumUs);
  expect(retry.sumUs).toBe(336_000);
  expect(response.sumUs).toBe(lateness.sumUs + buffering.sumUs + retry.sumUs + service.sumUs);
});
