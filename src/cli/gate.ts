import type { Command } from './command.ts';

const one = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;

/** `gate <result>`: tonight against the nights before. */
export const gateCommand: Command = {
  command: 'gate <result>',
  describe: 'a nightly verdict: pass, or a regression that was measured again and confirmed',
  positionals: {
    result: { type: 'string', describe: 'a result folder, or that of a sweep: a series a variant' },
  },
  flags: {
    history: { ...one('folder of the nights before; kept between jobs'), demandOption: true },
    record: { type: 'boolean', describe: 'put tonight into the history, whatever the verdict' },
    metric: {
      ...one("metric to be judged, such as response.p99; default: the scenario's `primary`"),
      array: true,
    },
    margin: {
      ...one('smallest change that matters: 5%, or response.p99=5% for one metric'),
      array: true,
    },
    confirm: {
      ...one('blocks, or runs, that are measured when a night is suspicious; 0: none'),
      default: '8',
    },
    'baseline-command': one('program to confirm against, such as "npx shardstorm@0.1.0"'),
    'baseline-set': {
      ...one('path=value: a field that the baseline of a confirmation has otherwise'),
      array: true,
    },
    accept: one('why a change is meant: this night begins a new level'),
    out: { ...one('folder for the runs of a confirmation'), default: 'results/' },
    prices: one('price list of your own (JSON) for the runs of a confirmation: that of the nights'),
    junit: one('file for JUnit XML'),
    'step-summary': one('file to append markdown to; default: $GITHUB_STEP_SUMMARY, where set'),
    trend: one('file for the page over all nights'),
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
    quiet: { type: 'boolean', describe: 'no progress' },
    yes: { type: 'boolean', describe: 'do not ask before spending money on a confirmation' },
  },
  examples: [
    [
      '$0 gate results/2026* --history nightly --record',
      'tonight’s verdict; exit code 99 fails it',
    ],
    [
      '$0 gate results/X --history nightly --baseline-command "npx shardstorm@0.1.0"',
      'old against new',
    ],
    [
      '$0 gate results/X --history nightly --trend trend.html --junit gate.xml',
      'for people and CI',
    ],
    ['$0 gate results/X --history nightly --record --accept "smaller batches"', 'it is meant so'],
  ],
  run: async (args, io) => (await import('./gate-action.ts')).runGate(args, io),
};
