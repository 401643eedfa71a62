import type { Command } from './command.ts';

/** `compare <result…>`: stored results against each other. */
export const compareCommand: Command = {
  command: 'compare <result..>',
  describe: 'compare stored results: effect sizes with intervals, verdicts, a page',
  positionals: {
    result: { type: 'string', describe: 'result folders, folders of them, sweeps, or patterns' },
  },
  flags: {
    baseline: {
      type: 'string',
      requiresArg: true,
      describe: 'the variant that others are held against; default: the first',
    },
    by: {
      type: 'string',
      requiresArg: true,
      default: 'auto',
      describe: 'what tells variants apart: variant, name, scenario, argument, tag:KEY',
    },
    force: { type: 'boolean', describe: 'count invalid and interrupted runs too' },
    out: {
      type: 'string',
      requiresArg: true,
      describe: 'folder for the comparison; default: one of its own in results/',
    },
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
  },
  examples: [
    ['$0 compare results/before results/after', 'two folders of runs'],
    ["$0 compare 'results/2026*' --by tag:branch --baseline main", 'by a tag of the runs'],
    ['$0 compare results/20261123T140000Z-sweep-batching-a1b2c3', 'a sweep once more'],
  ],
  run: async (args, io) => (await import('./compare-action.ts')).compareResults(args, io),
};
