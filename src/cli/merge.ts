import type { Command } from './command.ts';

/** `merge <result…>`: the shares of one run as one result. */
export const mergeCommand: Command = {
  command: 'merge <result..>',
  describe: 'one result of the shares of a run (run --share): histograms and counters added',
  positionals: {
    result: { type: 'string', describe: 'result folders of all shares, folders of them, patterns' },
  },
  flags: {
    force: {
      type: 'boolean',
      describe: 'merge what is there although shares are missing, double or foreign; invalid then',
    },
    out: {
      type: 'string',
      requiresArg: true,
      default: 'results/',
      describe: 'folder for results',
    },
    name: { type: 'string', requiresArg: true, describe: 'name of the merged run' },
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
    'strict-client': {
      type: 'boolean',
      describe: 'exit code 4 also when a generator only showed signs of strain',
    },
  },
  examples: [
    ["$0 merge 'shares/*'", 'all shares in a folder'],
    ['$0 merge node1/results node2/results', 'shares brought together from two machines'],
  ],
  run: async (args, io) => (await import('./merge-action.ts')).mergeResults(args, io),
};
