import type { Command } from './command.ts';

/** `verify <result>`: reads the stream back. */
export const verifyCommand: Command = {
  command: 'verify <result>',
  describe: 'read the stream back: what is lost, doubled, out of order or damaged',
  positionals: { result: { type: 'string', describe: 'result folder of a run' } },
  flags: {
    method: {
      type: 'string',
      requiresArg: true,
      default: 'polling',
      describe: 'polling, or fan-out: a consumer of its own, which AWS bills for',
    },
    'fail-on': {
      type: 'string',
      requiresArg: true,
      default: 'lost,damaged',
      describe: 'exit code 99 for any of lost, damaged, duplicates, reordered, foreign; or none',
    },
    endpoint: {
      type: 'string',
      requiresArg: true,
      describe: "URL to read from; default: the run's own target",
    },
    region: { type: 'string', requiresArg: true, describe: 'AWS region, if not that of the run' },
    restart: { type: 'boolean', describe: 'begin anew where an earlier reading was stopped' },
    quiet: { type: 'boolean', describe: 'no progress' },
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
  },
  examples: [
    ['$0 verify results/20261123T140000Z-clickstream-a1b2c3', 'after a run against AWS'],
    ['$0 verify results/latest-run --method fan-out', 'faster, and without other readers’ limits'],
  ],
  run: async (args, io) => (await import('./verify-action.ts')).verifyResult(args, io),
};
