import { describe, expect, it } from 'vitest';
import { expectationOf } from '../../src/cli/verify-expectation.ts';
import type { Delivery } from '../../src/results/delivery.ts';

const delivery = (rest: Partial<Delivery>): Delivery => ({
  schema: 'shardstorm.delivery/1',
  stampRunId: '0123456789abcdef',
  originEpochUs: 0,
  endEpochUs: 1,
  complete: true,
  problem: '',
  workers: 1,
  offered: [10, 0, 5],
  notAccepted: {},
  uncertain: {},
  repeated: {},
  ...rest,
});
const accepted = (...counts: number[]) =>
  ({ phases: counts.map((count) => ({ userRecords: { accepted: count } })) }) as never;
const of = (rest: Partial<Delivery>, summary = accepted(15)) =>
  expectationOf(delivery(rest), summary);

describe('what a stored run says of its records', () => {
  it('is every offered record but those that were refused or have no answer', () => {
    const expectation = of(
      { notAccepted: { 0: '0-2,9' }, uncertain: { 0: '2-4' }, repeated: { 2: '1' } },
      accepted(2, 7),
    );
    const [first, second, third] = expectation.producers;
    expect(first?.notAccepted.size).toBe(4);
    expect(first?.uncertain.has(4)).toBe(true);
    expect(second).toBeUndefined();
    expect(third?.repeated.has(1)).toBe(true);
    expect(expectation.accepted).toBe(9);
  });

  it.each([
    ['a list that ends where it begins to count', { notAccepted: { 0: '5-3' } }],
    ['more sequences than there were', { notAccepted: { 0: '0-9000000000000000' } }],
    ['a producer without records', { uncertain: { 1: '0' } }],
    ['a producer that is not there', { repeated: { 7: '0' } }],
    ['fewer records than the summary', { offered: [10, 0, 4] }],
    ['refusals that the summary does not know', { notAccepted: { 0: '0' } }],
    ['an end of the lists without a reason', { complete: false }],
  ])('refuses %s', (_, rest) => {
    expect(() => of(rest)).toThrow(/delivery\.json.*/);
  });

  it('does not compare counts when the run could not list its failures', () => {
    const rest = { complete: false, problem: 'too many', notAccepted: { 0: '0' } };
    expect(of(rest, accepted(3))).toMatchObject({ accepted: 3, problem: 'too many' });
  });
});
