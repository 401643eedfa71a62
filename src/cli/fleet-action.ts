/**
 * The `fleet` command. In: an engine, a scenario, flags. Out: rendered files, and with --submit a job of the engine. Only
 * the engine's own command line is called; what becomes of the job is the engine's to tell.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { shellWord } from '../fleet/job.ts';
import type { Arguments, CommandIo } from './command.ts';
import { confirmCost } from './confirm-cost.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn } from './flags.ts';
import { type FleetEngine, type PlannedFleet, planFleet } from './fleet-inputs.ts';

export async function makeFleet(
  engine: FleetEngine,
  args: Arguments,
  io: CommandIo,
): Promise<number> {
  const fleet = planFleet(engine, args, Date.now(), randomBytes(3).toString('hex'));
  const isSubmitted = isOn(args, 'submit');
  const isJson = isOn(args, 'json');
  const isYes = isOn(args, 'yes');
  if (isSubmitted) await confirmCost([fleet.plan], { ...NO_OUTPUT, isJson, isYes }, io);
  writeFiles(fleet);
  const commands = fleet.rendered.submit.map((line) => placed(fleet, line));
  if (isSubmitted) for (const words of commands) await submit(words, fleet.folder, io);
  io.stdout.write(isJson ? document(fleet, commands) : words(fleet, commands, isSubmitted));
  return EXIT.ok;
}

/** A fleet writes no result of its own. */
const NO_OUTPUT = { out: '', name: null, isQuiet: false, isStrictClient: false };

function writeFiles({ folder, rendered }: PlannedFleet): void {
  try {
    mkdirSync(folder, { recursive: true });
    // Another job's files are never overwritten: its members may still read them.
    const isNew = { flag: 'wx' };
    for (const { name, content } of rendered.files) {
      writeFileSync(join(folder, name), content, isNew);
    }
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNWRITABLE',
      `cannot write the job into ${folder}: ${describeCause(thrown)}`,
      { hint: 'Give another folder with --out.', cause: thrown },
    );
  }
}

/** How a machine comes by an engine's program. */
const INSTALL: Readonly<Record<string, string>> = {
  kubectl: 'Install kubectl (https://kubernetes.io/docs/tasks/tools/) and name your cluster to it',
  aws: 'Install the AWS command line (https://aws.amazon.com/cli/)',
  sbatch: "Go to a machine with Slurm's commands, such as the cluster's login node",
};

/** Runs one command of an engine; its words go to stderr. @throws SHARDSTORM_CLI_USAGE */
function submit(words: readonly string[], folder: string, { stderr }: CommandIo): Promise<void> {
  const [program = '', ...rest] = words;
  const line = shellLine(words);
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => stderr.write(String(chunk)));
    child.stderr.on('data', (chunk) => stderr.write(String(chunk)));
    child.once('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT';
      const problem = isMissing ? 'is not on the PATH' : `cannot be run: ${error.message}`;
      const remedy = (isMissing && INSTALL[program]) || `See that ${program} can be run here`;
      const elsewhere = `take ${folder} to where it can, and run there: ${line}`;
      reject(
        usageError(`nothing was submitted: ${program} ${problem}`, `${remedy}; or ${elsewhere}`),
      );
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(usageError(`${program} ended with ${code}: ${line}`, 'What it says is above.'));
    });
  });
}

function document(fleet: PlannedFleet, commands: readonly (readonly string[])[]): string {
  const { folder, startAt, rendered } = fleet;
  const { jobName, files, merge } = rendered;
  const content = {
    jobName,
    startAt,
    files: files.map(({ name }) => join(folder, name)),
    submit: commands.map(shellLine),
    watch: shellLine(placed(fleet, rendered.watch)),
    merge,
    remove: shellLine(placed(fleet, rendered.remove)),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function words(
  fleet: PlannedFleet,
  commands: readonly (readonly string[])[],
  isSubmitted: boolean,
): string {
  const { folder, rendered } = fleet;
  const { files, watch, merge, remove } = rendered;
  const word = isSubmitted ? 'done  ' : 'submit';
  const lines = [
    ...files.map(({ name }) => relative('', join(folder, name)) || name),
    startSentence(fleet),
    '',
    ...commands.map((line) => `${word}  ${shellLine(line)}`),
    `watch   ${shellLine(placed(fleet, watch))}`,
    `merge   ${merge}`,
    `remove  ${shellLine(placed(fleet, remove))}`,
  ];
  return `${lines.join('\n')}\n`;
}

function startSentence({ startAt, rendered }: PlannedFleet): string {
  const [first] = rendered.submit;
  const isWithNodes = first?.[0] === 'sbatch' && first.length === 2;
  return isWithNodes
    ? 'all members begin together, soon after the job has its nodes'
    : `all members begin at ${startAt}: submit it well before`;
}

/** A command with the folder of its files in it, whatever characters that has. */
function placed({ folder }: PlannedFleet, line: readonly string[]): readonly string[] {
  return line.map((word) => word.replace('{dir}', () => folder));
}

function shellLine(line: readonly string[]): string {
  return line.map(shellWord).join(' ');
}
