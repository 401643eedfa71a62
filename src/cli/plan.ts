import type { Command } from './command.ts';
import { SCENARIO_FLAGS } from './flags.ts';

const one = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;

/** `plan [scenario]`: what a load needs and costs, by formula. */
export const planCommand: Command = {
  command: 'plan [scenario]',
  describe: 'no traffic: shards, mode and cost that a load needs, and what binds first',
  positionals: { scenario: { type: 'string', describe: 'scenario file; or --rate and --size' } },
  flags: {
    ...SCENARIO_FLAGS,
    size: one('payload of a record, such as 300B; without a scenario'),
    keys: one('partition keys: a number; or zipf:N:EXPONENT; without a scenario'),
    producers: one('application instances that the load comes from'),
    shards: one('shards to look at; default the scenario’s'),
    stream: one('look at the shards of this live stream (reads only)'),
    region: one('region of --stream'),
    'head-room': one('share of each shard to leave free at the peak; default 20%'),
    growth: one('growth of the load a month, such as 8%'),
    prices: one('price list of your own (JSON)'),
    'show-prices': { type: 'boolean', describe: 'print the price list and nothing else' },
    json: { type: 'boolean', describe: 'print JSON' },
  },
  examples: [
    ['$0 plan scenarios/quickstart.yaml', 'heat, first limit, cost'],
    ['$0 plan --rate 20000/s --size 300B --keys zipf:100000:1.1', 'without a file'],
    ['$0 plan my.yaml --growth 8% --head-room 30%', 'when it will be full'],
  ],
  run: async (args, io) => (await import('./plan-action.ts')).planScenario(args, io),
};
