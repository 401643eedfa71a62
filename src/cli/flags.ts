/** The flags that several commands share (contract, "Shared flags"): what they are, and their values checked. */
import type { Options } from 'yargs';
import type { PriceList } from '../plan/prices.ts';
import type { ScenarioOverrides } from '../scenario/overrides.ts';
import type { Arguments, CommandIo } from './command.ts';

const one = (describe: string): Options => ({ type: 'string', requiresArg: true, describe });
const many = (describe: string): Options => ({ ...one(describe), array: true });
const onOff = (describe: string): Options => ({ type: 'boolean', describe });

/** Flags of every command. */
export const GLOBAL_FLAGS: Readonly<Record<string, Options>> = {
  verbose: onOff('print the stack of an error'),
  'no-color': onOff('no colours (also NO_COLOR, and when the output is no terminal)'),
};

/** Flags that change a scenario. */
export const SCENARIO_FLAGS: Readonly<Record<string, Options>> = {
  set: many('path=value: set any field of the scenario, such as load.phases.hold.rate=5000/s'),
  target: one('simulator, aws, null, or the URL of an endpoint'),
  workers: one('threads: a number, or auto'),
  duration: one('length of the measured phases together, such as 2m'),
  rate: one('highest rate of the load, such as 5000/s or 2 MB/s; the shape stays'),
  seed: one('whole number; the same seed makes the same records'),
  tag: many('key=value: a tag of the run'),
  threshold: many('an objective more, such as "response.p99 < 250ms"'),
  'max-cost': one('most US dollars that the run may cost'),
};

/** Flags about what a command prints and writes. */
const OUTPUT_FLAGS: Readonly<Record<string, Options>> = {
  out: { ...one('folder for results'), default: 'results/' },
  name: one('name of the run'),
  quiet: onOff('no progress'),
  json: onOff('one JSON document on stdout, and nothing else there'),
  yes: onOff('do not ask before spending money'),
  prices: one('price list of your own (JSON), as `plan --show-prices` prints one'),
  calibration: one("file of `calibrate` to hold the run against, or off; default: this machine's"),
  'strict-client': onOff('exit code 4 also when the generator only showed signs of strain'),
};

/** Every shared flag: what `run` and its like take. */
export const RUN_FLAGS: Readonly<Record<string, Options>> = { ...SCENARIO_FLAGS, ...OUTPUT_FLAGS };

/** Values of the flags about output. */
export interface OutputFlags {
  readonly out: string;
  /** null: not given. */
  readonly name: string | null;
  readonly isQuiet: boolean;
  readonly isJson: boolean;
  readonly isYes: boolean;
  /** A suspect run ends like an invalid one. */
  readonly isStrictClient: boolean;
  /** A file, or `off`; null or absent: this machine's, if it was calibrated. */
  readonly calibration?: string | null;
  /** Absent: the built-in list. */
  readonly prices?: PriceList;
}

/** Values of {@link SCENARIO_FLAGS}, as loadScenario takes them: it checks them with the scenario. */
export function scenarioOverrides(args: Arguments): ScenarioOverrides {
  return definedOnly({
    set: texts(args, 'set'),
    target: text(args, 'target'),
    workers: text(args, 'workers'),
    duration: text(args, 'duration'),
    rate: text(args, 'rate'),
    seed: text(args, 'seed'),
    tags: texts(args, 'tag'),
    thresholds: texts(args, 'threshold'),
    maxCost: text(args, 'max-cost'),
  });
}

/** Whether to colour what goes to `output`. */
export function usesColor(
  args: Arguments,
  { environment }: Pick<CommandIo, 'environment'>,
  output: { readonly isTTY?: boolean },
): boolean {
  // https://no-color.org: set and not empty.
  const isRefused = isOn(args, 'no-color') || (environment['NO_COLOR'] ?? '') !== '';
  return output.isTTY === true && !isRefused;
}

/** Value of a flag or positional that takes text; undefined when it is not given. */
export function text(args: Arguments, name: string): string | undefined {
  const value = args[name];
  return value === undefined ? undefined : String(value);
}

/** Values of a repeatable flag or a list of positionals; undefined when it is not given. */
export function texts(args: Arguments, name: string): readonly string[] | undefined {
  const value = args[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** Whether a switch is given. */
export function isOn(args: Arguments, name: string): boolean {
  return args[name] === true;
}

function definedOnly(
  data: { readonly [name in keyof ScenarioOverrides]: unknown },
): ScenarioOverrides {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
