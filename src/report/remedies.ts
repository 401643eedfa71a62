/** What to do about a reason that makes a run invalid: summary.json holds sentences, so their words are matched. */

import { remedyOf, tellsOfDropped } from '../results/warnings.ts';

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /common start|began apart/,
    'Agree on a start that every member can keep (--start-at; fleet: --start-in), and set the clocks of their machines.',
  ],
  [/bottleneck|fell behind|late/i, remedyOf('generator-late')],
  [/ledger|add up|were lost/i, remedyOf('ledger')],
  [/worker/i, 'events.jsonl has the last words of the worker; mend the cause and run again.'],
];

/** The next step for a reason; always a sentence. */
export function remedyFor(reason: string): string {
  if (tellsOfDropped(reason)) return remedyOf('dropped');
  const found = REMEDIES.find(([words]) => words.test(reason));
  return found?.[1] ?? 'events.jsonl tells what happened; mend the cause and run again.';
}
