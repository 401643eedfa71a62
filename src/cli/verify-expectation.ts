/**
 * What a stored run says of its records. In: delivery.json and summary.json. Out: what a reader of the stream must find.
 * Invariant: both files tell of the same number of accepted records, or the result is refused as damaged: a proof that
 * rests on a wrong list is none.
 */
import { ShardstormError } from '../core/errors.ts';
import { ByteBudget, SequenceSet } from '../core/sequence-set.ts';
import { formatCount } from '../core/units.ts';
import { type Delivery, forEachStretch } from '../results/delivery.ts';
import type { Summary } from '../results/summary.ts';
import type { Expectation, ProducerExpectation } from '../verify/judge.ts';
import { acceptedOf } from './verification-job.ts';

/** Bytes of the bitmaps of what was not accepted. */
const BYTES_MAX = 256 * 1024 * 1024;

/** @throws SHARDSTORM_RESULTS_UNREADABLE when the files contradict themselves or each other */
export function expectationOf(delivery: Delivery, summary: Pick<Summary, 'phases'>): Expectation {
  const budget = new ByteBudget(BYTES_MAX);
  const { offered, notAccepted, uncertain, repeated, workers, problem, complete } = delivery;
  for (const list of [notAccepted, uncertain, repeated]) {
    for (const producer of Object.keys(list)) {
      if (!((offered[Number(producer)] ?? 0) > 0)) throw damaged(`lists producer ${producer}`);
    }
  }
  if (complete !== (problem === '')) throw damaged('does not say whether it is complete');
  const producers = offered.map((count, producer): ProducerExpectation | undefined =>
    count === 0
      ? undefined
      : {
          offered: count,
          notAccepted: setOf(notAccepted[producer], count, budget),
          uncertain: setOf(uncertain[producer], count, budget),
          repeated: setOf(repeated[producer], count, budget),
        },
  );
  const accepted = acceptedOf(summary);
  const listed = producers.reduce((sum, producer) => sum + acceptedBy(producer), 0);
  if (problem === '' && listed !== accepted) {
    throw damaged(
      `says that ${formatCount(listed)} user records were accepted, and summary.json ${formatCount(accepted)}`,
    );
  }
  return { producers, workers, problem, accepted };
}

function setOf(stretches: string | undefined, offered: number, budget: ByteBudget): SequenceSet {
  const set = new SequenceSet(budget);
  if (stretches === undefined) return set;
  forEachStretch(stretches, (first, count) => {
    const isPossible = count > 0 && first + count <= offered;
    if (!isPossible) throw damaged(`lists ${stretches.slice(0, 40)} of ${offered} sequences`);
    if (set.addRange(first, count) > 0) throw damaged('lists too much');
  });
  return set;
}

/** Neither refused nor given up without an answer. */
function acceptedBy(producer: ProducerExpectation | undefined): number {
  if (producer === undefined) return 0;
  const { offered, notAccepted, uncertain } = producer;
  let both = 0;
  uncertain.forEachRange((first, count) => {
    for (let i = first; i < first + count; i++) if (notAccepted.has(i)) both++;
  });
  return offered - notAccepted.size - uncertain.size + both;
}

function damaged(what: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_RESULTS_UNREADABLE', `delivery.json ${what}`, {
    hint: 'The result is damaged: run again, then verify.',
  });
}
