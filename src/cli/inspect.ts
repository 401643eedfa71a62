import type { Options } from 'yargs';
import type { Command } from './command.ts';

const one = (describe: string): Options => ({ type: 'string', requiresArg: true, describe });

/** Flags about which stream is read, and how long. */
export const READ_FLAGS: Readonly<Record<string, Options>> = {
  endpoint: one('URL of the endpoint; default: the SDK’s own choice'),
  region: one('AWS region; default: the SDK’s own choice'),
  for: { ...one('how long to look at the most'), default: '30s' },
  since: one('begin that long ago, such as 10m; default: with what comes now'),
  method: { ...one('polling, or fan-out: a consumer of its own, billed for'), default: 'polling' },
  quiet: { type: 'boolean', describe: 'no progress' },
};

/** `inspect <stream>`: what runs through a stream. */
export const inspectCommand: Command = {
  command: 'inspect <stream>',
  describe: 'read a stream for a while: rates, sizes, keys, aggregation, heat of its shards',
  positionals: { stream: { type: 'string', describe: 'name of the stream, whoever writes it' } },
  flags: {
    ...READ_FLAGS,
    top: { ...one('how many of the most frequent keys to show, by hash'), default: '5' },
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
  },
  examples: [
    ['$0 inspect orders --region eu-west-1 --for 2m', 'today’s traffic, two minutes of it'],
    [
      '$0 inspect orders --since 1h --for 5m',
      'the last hour, as far as five minutes of reading go',
    ],
  ],
  run: async (args, io) => (await import('./inspect-action.ts')).inspect(args, io),
};
