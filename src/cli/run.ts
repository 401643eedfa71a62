import type { Command } from './command.ts';
import { RUN_FLAGS } from './flags.ts';

/** `run <scenario>`: one measured run. */
export const runCommand: Command = {
  command: 'run <scenario>',
  describe: 'one measured run: a result folder and a summary',
  positionals: { scenario: { type: 'string', describe: 'scenario file (YAML or JSON)' } },
  flags: {
    ...RUN_FLAGS,
    virtual: {
      type: 'boolean',
      describe: "in virtual time, against the simulator's core: no sockets, the same for a seed",
    },
    prometheus: {
      type: 'string',
      requiresArg: true,
      describe:
        'let the run be scraped while it goes on, at [host]:port; without a host from here only',
    },
    share: {
      type: 'string',
      requiresArg: true,
      describe: 'k/N: this process does share k (from 0) of N; auto: as an array job says',
    },
    'start-at': {
      type: 'string',
      requiresArg: true,
      describe: 'instant at which all shares begin: 2026-11-23T18:30:00Z, or Unix seconds',
    },
    'time-source': {
      type: 'string',
      requiresArg: true,
      describe:
        "ntp://host[:port]: how far this share's clock is off; its start is corrected by it",
    },
    'kpl-names': { type: 'boolean', describe: "add the KPL's metric names to the summary" },
  },
  examples: [
    ['$0 run scenarios/quickstart.yaml', 'against the embedded simulator'],
    ['$0 run my.yaml --set producer.maxBufferedTime=500ms', 'with one field changed'],
    ['$0 run my.yaml --target aws --max-cost 1', 'against Amazon Kinesis, for at most a dollar'],
    ['$0 run my.yaml --virtual', 'as fast as the CPU allows, hours in seconds'],
    ['$0 run my.yaml --prometheus :9464', 'live metrics at http://127.0.0.1:9464/metrics'],
    [
      '$0 run my.yaml --share 0/4 --start-at 2026-11-23T18:30:00Z',
      'the first of four shares; `merge` makes one result of them',
    ],
    ['$0 run my.yaml --json > run.json', 'for machines: folder and summary on stdout'],
  ],
  run: async (args, io) => (await import('./run-action.ts')).runScenario(args, io),
};
