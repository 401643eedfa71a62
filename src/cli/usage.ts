/** Turns what yargs says about wrong words into errors that name the word and the nearest right one. */
import { didYouMean } from '../core/nearest.ts';
import { type Command, commandName } from './command.ts';
import { usageError } from './errors.ts';
import { GLOBAL_FLAGS } from './flags.ts';

export const PROGRAM = 'shardstorm';

/** The messages of yargs 18 that are about the command line. */
const TOO_FEW = /^Not enough non-option arguments/;
const NO_VALUE = /^Not enough arguments following: (.*)$/;
const UNKNOWN = /^Unknown (?:argument|command)s?: ([^,]*)/;
const OTHER = /^(Missing required|Invalid values|Too many|Arguments? )/;

/** The command that the words lead to, and the first word that is none where one must be. */
interface Found {
  readonly path: readonly string[];
  readonly command: Command | null;
  /** Commands that could have come next. */
  readonly choices: readonly Command[];
  readonly unknown: string | null;
}

/** A usage error for a complaint of yargs; anything else as it is. */
export function asUsageError(
  thrown: unknown,
  words: readonly string[],
  commands: readonly Command[],
): unknown {
  const message = thrown instanceof Error ? thrown.message : '';
  if (![TOO_FEW, NO_VALUE, UNKNOWN, OTHER].some((form) => form.test(message))) return thrown;
  const found = findCommand(words, commands);
  const hint = `See \`${[PROGRAM, ...found.path, '--help'].join(' ')}\`.`;
  const stranger = UNKNOWN.exec(message)?.[1];
  if (TOO_FEW.test(message) || (found.unknown !== null && stranger !== undefined)) {
    return usageError(commandMessage(found), hint);
  }
  const valueless = NO_VALUE.exec(message)?.[1];
  if (valueless !== undefined) return usageError(`--${valueless} needs a value`, hint);
  return usageError(
    stranger === undefined ? message : strangerMessage(stranger, words, found),
    hint,
  );
}

function findCommand(words: readonly string[], commands: readonly Command[]): Found {
  const path: string[] = [];
  let command: Command | null = null;
  let choices = commands;
  for (const word of words) {
    if (word.startsWith('-')) continue;
    if (choices.length === 0) break;
    const next = choices.find((candidate) => commandName(candidate) === word);
    if (next === undefined) return { path, command, choices, unknown: word };
    path.push(word);
    command = next;
    choices = next.subcommands ?? [];
  }
  return { path, command, choices, unknown: null };
}

/** A command is unknown or missing, or one of its arguments is. */
function commandMessage({ path, command, choices, unknown }: Found): string {
  const names = choices.map(commandName);
  if (unknown !== null) {
    const suggestion = didYouMean(unknown, names);
    return `unknown command "${unknown}"${suggestion || `; the commands are ${names.join(', ')}`}`;
  }
  if (names.length > 0)
    return `${[PROGRAM, ...path].join(' ')} needs a command: ${names.join(', ')}`;
  const form = [PROGRAM, ...path.slice(0, -1), command?.command ?? ''].join(' ');
  return `an argument is missing: ${form}`;
}

function strangerMessage(stranger: string, words: readonly string[], { command }: Found): string {
  const flag = words
    .map((word) => word.split('=')[0] ?? word)
    .find((word) => word.startsWith('-') && word.replace(/^-+/, '') === stranger);
  if (flag === undefined) return `unexpected argument "${stranger}"`;
  const known = [...Object.keys({ ...GLOBAL_FLAGS, ...command?.flags }), 'help', 'version'];
  return `unknown flag "${flag}"${didYouMean(stranger, known).replace('"', '"--')}`;
}
