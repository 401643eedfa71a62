import type { Command } from './command.ts';
import { RUN_FLAGS } from './flags.ts';

/** `sweep <scenario>`: every variant, repeated, in randomised blocks, and one comparison. */
export const sweepCommand: Command = {
  command: 'sweep <scenario>',
  describe: 'measure every combination of the matrix, repeated, and compare',
  positionals: {
    scenario: {
      type: 'string',
      describe: 'scenario file; or the folder of an interrupted sweep, to go on with it',
    },
  },
  flags: {
    ...RUN_FLAGS,
    blocks: {
      type: 'string',
      requiresArg: true,
      describe:
        "how often each variant is measured; default the scenario's, or 8; 6 and more give verdicts, 7 with two or three primary metrics",
    },
    'max-blocks': {
      type: 'string',
      requiresArg: true,
      describe:
        'go on to so many blocks if --blocks leave something inconclusive (two looks, 3 % each)',
    },
    baseline: {
      type: 'string',
      requiresArg: true,
      describe: 'the variant that others are held against; default: the scenario as it is',
    },
    virtual: {
      type: 'boolean',
      describe: "in virtual time, against the simulator's core: the same for a seed",
    },
    'dry-run': { type: 'boolean', describe: 'print the plan, how long it takes and what it costs' },
  },
  examples: [
    ['$0 sweep batching.yaml --dry-run', 'what would be done, how long, for how much'],
    ['$0 sweep batching.yaml --blocks 8', 'eight runs of each variant'],
    ['$0 sweep batching.yaml --max-blocks 12', 'four more blocks if eight settle nothing'],
    ['$0 sweep results/20261123T140000Z-sweep-batching-a1b2c3', 'go on with an interrupted one'],
  ],
  run: async (args, io) => (await import('./sweep-action.ts')).runSweep(args, io),
};
