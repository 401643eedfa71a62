import type { Command } from './command.ts';
import { RUN_FLAGS } from './flags.ts';

const one = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;

/** `capacity <scenario>`: the highest rate that keeps the objectives. */
export const capacityCommand: Command = {
  command: 'capacity <scenario>',
  describe: 'the highest rate that keeps the objectives, by measurement',
  positionals: { scenario: { type: 'string', describe: 'scenario file (YAML or JSON)' } },
  flags: {
    ...RUN_FLAGS,
    // Refused with what to use instead.
    rate: { ...RUN_FLAGS['rate'], hidden: true },
    duration: { ...RUN_FLAGS['duration'], hidden: true },
    objective: {
      ...one('an objective, such as "response.p99 < 250ms"; default the scenario’s thresholds'),
      array: true,
    },
    from: { ...one('rate to begin at'), default: '1000/s' },
    window: { ...one('length of a measurement'), default: '10s' },
    settle: { ...one('load that is not measured, before each measurement'), default: '5s' },
    precision: { ...one('width of the bracket to stop at'), default: '3%' },
    'no-hysteresis': {
      type: 'boolean',
      describe: 'leave out the run up to overload and down again',
    },
    virtual: { type: 'boolean', describe: 'in virtual time, against the simulator’s core' },
  },
  examples: [
    ['$0 capacity scenarios/quickstart.yaml --virtual', 'in seconds, without sockets'],
    ['$0 capacity my.yaml --objective "response.p99 < 250ms" --objective "throttle < 0.1%"', ''],
  ],
  run: async (args, io) => (await import('./capacity-action.ts')).findCapacity(args, io),
};
