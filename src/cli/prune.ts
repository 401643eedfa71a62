import type { Command } from './command.ts';
import { RESULT_FILTERS } from './list-filters.ts';

/** `prune`: old results go, baselines stay. */
export const pruneCommand: Command = {
  command: 'prune',
  describe: 'remove old results; never a baseline, never what a history was made from',
  flags: {
    ...RESULT_FILTERS,
    keep: { type: 'string', requiresArg: true, describe: 'the newest so many stay' },
    'older-than': { type: 'string', requiresArg: true, describe: 'younger ones stay, such as 30d' },
    history: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'history folder of a gate: the runs that it was made from stay',
    },
    'dry-run': {
      type: 'boolean',
      describe: 'only say what would go, and what stays for what reason',
    },
    yes: { type: 'boolean', describe: 'do not ask' },
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
  },
  examples: [
    ['$0 prune --older-than 30d --dry-run', 'what would go'],
    ['$0 prune --keep 20 --older-than 30d --yes', 'older than a month, but never the newest 20'],
    ['$0 tag results/X --baseline', 'this one stays for good'],
  ],
  run: async (args, io) => (await import('./prune-action.ts')).pruneResults(args, io),
};
