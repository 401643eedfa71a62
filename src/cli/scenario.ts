import type { Command } from './command.ts';
import { SCENARIO_FLAGS } from './flags.ts';
import { READ_FLAGS } from './inspect.ts';

const JSON_FLAG = { json: { type: 'boolean', describe: 'print JSON' } } as const;

/** `scenario init|validate|show|schema`. */
export const scenarioCommand: Command = {
  command: 'scenario',
  describe: 'write, check and print scenarios',
  subcommands: [
    {
      command: 'init [file]',
      describe: 'write a commented scenario to start from',
      positionals: {
        file: { type: 'string', default: 'scenario.yaml', describe: 'file to write' },
      },
      flags: {
        force: { type: 'boolean', describe: 'overwrite the file' },
        'from-stream': {
          type: 'string',
          requiresArg: true,
          describe: 'a stream whose traffic to write down: rates, sizes and skew of keys',
        },
        ...READ_FLAGS,
      },
      examples: [
        ['$0 scenario init clickstream.yaml', 'a first scenario of your own'],
        ['$0 scenario init orders.yaml --from-stream orders --for 5m', 'from today’s traffic'],
      ],
      run: async (args, io) => (await import('./scenario-actions.ts')).initScenario(args, io),
    },
    {
      command: 'validate <scenario..>',
      describe: 'check scenarios: every problem, with its place',
      positionals: { scenario: { type: 'string', describe: 'scenario files' } },
      flags: { ...SCENARIO_FLAGS, ...JSON_FLAG },
      examples: [['$0 scenario validate scenarios/*.yaml', 'check several']],
      run: async (args, io) => (await import('./scenario-actions.ts')).validateScenarios(args, io),
    },
    {
      command: 'show <scenario>',
      describe: 'print a scenario with every default resolved',
      positionals: { scenario: { type: 'string', describe: 'scenario file' } },
      flags: { ...SCENARIO_FLAGS, ...JSON_FLAG },
      examples: [
        ['$0 scenario show my.yaml --set producer.profile=kpl', 'see what a profile sets'],
      ],
      run: async (args, io) => (await import('./scenario-actions.ts')).showScenario(args, io),
    },
    {
      command: 'schema',
      describe: 'print the JSON Schema of the scenario file, for editors',
      examples: [['$0 scenario schema > scenario.schema.json', 'for completion in an editor']],
      run: async (_args, io) => (await import('./scenario-actions.ts')).printSchema(io),
    },
  ],
};
