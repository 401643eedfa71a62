/** How a command is described to program.ts: data, so that help, completion and messages about flags come from one place. */
import type { Options, PositionalOptions } from 'yargs';

/** Parsed flags and positionals, by name. Read through flags.ts, which checks them. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The output of a process; a test hands in its own. */
export interface Output {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface CommandIo {
  /** Results, and nothing else: with --json one document. */
  readonly stdout: Output;
  /** Progress, notes and errors. */
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Command {
  /** Name and positionals: `run <scenario>`. */
  readonly command: string;
  readonly describe: string;
  readonly positionals?: Readonly<Record<string, PositionalOptions>>;
  readonly flags?: Readonly<Record<string, Options>>;
  /** Command line and what it does. */
  readonly examples?: readonly (readonly [string, string])[];
  readonly subcommands?: readonly Command[];
  /**
   * Does the command and gives the exit code. Imports what it needs inside, so that --help is fast.
   * @throws ShardstormError, which program.ts prints and turns into an exit code
   */
  readonly run?: (args: Arguments, io: CommandIo) => Promise<number>;
}

/** `run <scenario>` → `run`. */
export function commandName({ command }: Command): string {
  return command.split(' ')[0] ?? command;
}
