/** What to do about a reason that makes a run invalid. Reasons are free text in summary.json, so words are matched. */

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /late|behind|event.?loop/i,
    'Lower the rate, raise load.workers, or close other programs; `shardstorm calibrate` shows the ceiling.',
  ],
  [
    /cpu|saturat|bottleneck|core/i,
    'Raise load.workers up to the number of cores, lower the rate, or use a larger machine.',
  ],
  [
    /garbage|\bgc\b|memory|buffer/i,
    'Lower producer.maxBufferedMemory or the rate, or give the process more memory.',
  ],
  [
    /worker.*(died|lost|exit)|died/i,
    'See events.jsonl for the last words of the worker, and run again.',
  ],
  [
    /ledger|offered ?=|invariant|unsettled/i,
    'This is a bug: report it with summary.json and events.jsonl.',
  ],
  [/dropped|overload/i, 'Raise producer.maxBufferedMemory, or set producer.overload to wait.'],
];

/** The next step for a reason; always a sentence. */
export function remedyFor(reason: string): string {
  const found = REMEDIES.find(([words]) => words.test(reason));
  return found?.[1] ?? 'See events.jsonl for what happened, mend the cause and run again.';
}
