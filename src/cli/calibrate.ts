import type { Command } from './command.ts';

/** `calibrate`: what this machine and this tool can measure. */
export const calibrateCommand: Command = {
  command: 'calibrate',
  describe: 'what this machine and this tool can measure: clock, timers, ceiling, known latencies',
  flags: {
    workers: {
      type: 'string',
      requiresArg: true,
      default: 'auto',
      describe: 'threads: a number, or auto',
    },
    seconds: {
      type: 'string',
      requiresArg: true,
      default: '3',
      describe: 'length of each of the dozen measurements, 1 to 60',
    },
    out: {
      type: 'string',
      requiresArg: true,
      describe:
        "file to write the figures to; default: this machine's, which runs are held against",
    },
    quiet: { type: 'boolean', describe: 'no progress' },
    json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
  },
  examples: [
    ['$0 calibrate', 'about a minute, against targets in this process'],
    ['$0 calibrate --workers 4 --json > calibration.json', 'for four threads, for machines'],
  ],
  run: async (args, io) => (await import('./calibrate-action.ts')).calibrate(args, io),
};
