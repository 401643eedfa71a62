import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type PlannedPhase, planPhases } from '../coordinate/planned-phases.ts';
import { describeCause, toShardstormError } from '../core/errors.ts';
import { formatCount, formatDurationUs } from '../core/units.ts';
import { ScenarioError } from '../scenario/compile.ts';
import { scenarioJsonSchema } from '../scenario/json-schema.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import { renderScenario, scenarioData } from '../scenario/render.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, reportError, usageError } from './errors.ts';
import { isOn, scenarioOverrides, text, texts } from './flags.ts';
import { packageFolder } from './package-files.ts';

/** Writes the quickstart under the file's name. */
export async function initScenario(args: Arguments, io: CommandIo): Promise<number> {
  const file = text(args, 'file') ?? 'scenario.yaml';
  const name = basename(file)
    .replace(/\.[^.]+$/, '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '-');
  const stream = text(args, 'from-stream');
  refuseOverwriting(file, isOn(args, 'force'));
  const starter =
    stream === undefined ? quickstartAs(name) : await observed(stream, name, args, io);
  try {
    writeFileSync(file, starter, { flag: isOn(args, 'force') ? 'w' : 'wx' });
  } catch (thrown) {
    throw usageError(
      `cannot write ${file}: ${describeCause(thrown)}`,
      'Name another file, or use --force to overwrite it.',
    );
  }
  io.stdout.write(`${file} is written; run it: shardstorm run ${file}\n`);
  return EXIT.ok;
}

/** Known before a stream is read for minutes. */
function refuseOverwriting(file: string, isForced: boolean): void {
  if (isForced || !existsSync(file)) return;
  throw usageError(
    `cannot write ${file}: it exists`,
    'Name another file, or use --force to overwrite it.',
  );
}

function quickstartAs(name: string): string {
  const quickstart = readFileSync(join(packageFolder(), 'scenarios', 'quickstart.yaml'), 'utf8');
  return quickstart.replace(/^name: .*$/m, `name: ${JSON.stringify(name)}`);
}

/** @throws SHARDSTORM_CLI_USAGE when nothing came through */
async function observed(
  stream: string,
  name: string,
  args: Arguments,
  io: CommandIo,
): Promise<string> {
  const { profileStream } = await import('./inspect-action.ts');
  const { scenarioFromStream } = await import('./scenario-from-stream.ts');
  const { profile } = await profileStream(stream, args, io, 0);
  if (profile.userRecords > 0) return scenarioFromStream(profile, name);
  throw usageError(
    `nothing came through the stream ${stream} meanwhile`,
    'Look longer (--for 5m), or into the past (--since 1h).',
  );
}

/** Checks each scenario and goes on after a bad one. */
export async function validateScenarios(args: Arguments, io: CommandIo): Promise<number> {
  const overrides = scenarioOverrides(args);
  const reports: unknown[] = [];
  let exitCode: number = EXIT.ok;
  for (const file of texts(args, 'scenario') ?? []) {
    const notes: string[] = [];
    try {
      const plan = loadScenario(file, overrides, (note) => notes.push(note));
      // Templates, columns, payload files and recordings too: all that a run looks at before it sends.
      const phases = planPhases(plan);
      reports.push({ file, valid: true, notes, problems: [] });
      if (!isOn(args, 'json')) io.stdout.write(`ok ${file}: ${inWords(plan, phases)}\n`);
    } catch (thrown) {
      const { message } = toShardstormError(thrown);
      const problems = thrown instanceof ScenarioError ? thrown.problems : [{ message }];
      reports.push({ file, valid: false, notes, problems });
      exitCode = isOn(args, 'json') ? EXIT.usage : reportError(thrown, io, isOn(args, 'verbose'));
    }
    for (const note of notes) io.stderr.write(`note: ${note}\n`);
  }
  if (isOn(args, 'json')) io.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  return exitCode;
}

function inWords({ name, target, producer }: Plan, phases: readonly PlannedPhase[]): string {
  const duration = formatDurationUs(phases.at(-1)?.endUs ?? 0);
  const names = phases.map((phase) => phase.name).join(', ');
  const counts = phases.map(({ scheduled }) => scheduled);
  const records = counts.every((count) => count !== null)
    ? `${formatCount(counts.reduce((sum, count) => sum + count, 0))} records`
    : 'as many records as the target takes';
  return `${name}, ${duration} (${names}), ${records}, target ${target.kind}, profile ${producer.profile}`;
}

/** Prints a scenario with every default resolved. */
export async function showScenario(args: Arguments, io: CommandIo): Promise<number> {
  const file = text(args, 'scenario') ?? '';
  const plan = loadScenario(file, scenarioOverrides(args), (note) =>
    io.stderr.write(`note: ${note}\n`),
  );
  const shown = isOn(args, 'json')
    ? `${JSON.stringify(scenarioData(plan), null, 2)}\n`
    : renderScenario(plan);
  io.stdout.write(shown);
  return EXIT.ok;
}

/** Prints the JSON Schema of the scenario file. */
export async function printSchema(io: CommandIo): Promise<number> {
  io.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return EXIT.ok;
}
