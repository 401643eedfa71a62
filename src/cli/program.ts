/**
 * The command line. In: words. Out: an exit code, always one of the contract's; whatever goes wrong is printed as an error
 * with a hint, never as a stack unless --verbose asks for it.
 */
import yargs, { type Argv } from 'yargs';
import type { Arguments, Command, CommandIo } from './command.ts';
import { EXIT, reportError, usageError } from './errors.ts';
import { GLOBAL_FLAGS } from './flags.ts';
import { StoppedBeforeStart } from './interrupts.ts';
import { packageVersion } from './package-files.ts';
import { asUsageError, PROGRAM } from './usage.ts';

const HELP_COLUMNS_MAX = 110;
const EXIT_CODES_TEXT =
  'Exit codes: 0 done; 1 internal error, or results that could not be written; 2 wrong usage or scenario; 3 target unreachable or refused; ' +
  '4 the run is invalid; 99 a threshold failed; 130, 143 interrupted.';
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 run scenarios/quickstart.yaml', 'a first run, against the embedded simulator'],
  ['$0 run my.yaml --target aws --max-cost 1', 'the same load against Amazon Kinesis'],
  ['$0 scenario init my.yaml', 'write a commented scenario to start from'],
];

/**
 * Runs one command line.
 * @param words without the program's own name
 * @returns the exit code
 */
export async function runProgram(
  words: readonly string[],
  commands: readonly Command[],
  io: CommandIo,
): Promise<number> {
  let exitCode: number = EXIT.ok;
  const finish = (code: number) => {
    exitCode = code;
  };
  const parser = yargs([...words])
    .scriptName(PROGRAM)
    .usage('$0 <command>')
    .parserConfiguration({
      // `--set a=b file` must not swallow the file; `--set a.b=c` is text; --no-color is a flag of its own.
      'greedy-arrays': false,
      'dot-notation': false,
      'boolean-negation': false,
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .options(GLOBAL_FLAGS)
    .example(EXAMPLES.map(([line, does]): [string, string] => [line, does]))
    .epilogue(EXIT_CODES_TEXT)
    .wrap(Math.min(HELP_COLUMNS_MAX, io.stdout.columns ?? HELP_COLUMNS_MAX))
    .version(packageVersion())
    .help()
    .alias('help', 'h')
    .completion('completion', 'print a script for shell completion')
    .demandCommand(1)
    .strict()
    .fail(false)
    .exitProcess(false);
  for (const command of commands) register(parser, command, words, io, finish);
  try {
    await parser.parseAsync();
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof StoppedBeforeStart) {
      io.stderr.write(`${thrown.message}\n`);
      return thrown.exitCode;
    }
    const isVerbose = words.includes('--verbose');
    return reportError(asUsageError(thrown, words, commands), io, isVerbose);
  }
}

function register(
  parser: Argv,
  command: Command,
  words: readonly string[],
  io: CommandIo,
  finish: (exitCode: number) => void,
): void {
  const { subcommands = [], flags = {}, positionals = {}, examples = [] } = command;
  parser.command({
    command: command.command,
    describe: command.describe,
    builder: (inner) => {
      for (const [name, options] of Object.entries(positionals)) inner.positional(name, options);
      for (const sub of subcommands) register(inner, sub, words, io, finish);
      if (subcommands.length > 0) inner.demandCommand(1);
      return inner
        .options(flags)
        .example(examples.map(([line, does]): [string, string] => [line, does]))
        .epilogue('');
    },
    handler: async (args) => {
      if (command.run === undefined) return;
      refuseRepeated(args, flags);
      refuseValuesOfSwitches(words, flags);
      finish(await command.run(args, io));
    },
  });
}

/** A flag with one value that is given twice: which one is meant cannot be told. */
function refuseRepeated(args: Arguments, flags: NonNullable<Command['flags']>): void {
  for (const [name, options] of Object.entries({ ...GLOBAL_FLAGS, ...flags })) {
    const value = args[name];
    if (options.array === true || !Array.isArray(value)) continue;
    throw usageError(`--${name} is given ${value.length} times`, `Give --${name} once.`);
  }
}

/** A switch is given or not: `--quiet=maybe` would silently be off. */
function refuseValuesOfSwitches(
  words: readonly string[],
  flags: NonNullable<Command['flags']>,
): void {
  const all = { ...GLOBAL_FLAGS, ...flags };
  for (const word of words) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (all[name]?.type !== 'boolean' || value === 'true' || value === 'false') continue;
    throw usageError(
      `--${name}=${value}: expected no value, true or false`,
      `Give --${name}, or leave it out.`,
    );
  }
}
