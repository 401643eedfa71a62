import type { Command } from './command.ts';
import { RESULT_FILTERS } from './list-filters.ts';

/** `list`: what lies in the results folder. */
export const listCommand: Command = {
  command: 'list',
  describe: 'the results there are: when, what, how it went, its key figures',
  flags: {
    ...RESULT_FILTERS,
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
  },
  examples: [
    ['$0 list', 'everything in results/, newest first'],
    ['$0 list --tag branch=main --name "batch*"', 'by tag and name'],
    ['$0 list --json | jq -r ".runs[0].path"', 'the newest result, for a script'],
  ],
  run: async (args, io) => (await import('./list-action.ts')).listResults(args, io),
};
