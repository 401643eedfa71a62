import type { Command } from './command.ts';

const many = (describe: string) =>
  ({ type: 'string', array: true, requiresArg: true, describe }) as const;

/** `tag <result…>`: tags after the fact. */
export const tagCommand: Command = {
  command: 'tag <result..>',
  describe: 'put tags on results, or take them away; a baseline is never pruned',
  positionals: { result: { type: 'string', describe: 'result folders' } },
  flags: {
    set: many('key=value'),
    remove: many('key'),
    baseline: { type: 'boolean', describe: 'the same as --set baseline=true' },
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
  },
  examples: [
    ['$0 tag results/X --baseline', 'this one stays for good'],
    ['$0 tag results/2026* --set release=1.4 --remove scratch', 'several at once'],
  ],
  run: async (args, io) => (await import('./tag-action.ts')).tagResults(args, io),
};
