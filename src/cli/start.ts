/** The program `shardstorm`: its commands, and its streams. */
import { silenceSdkNodeWarning } from '../transport/sdk-warning.ts';
import { calibrateCommand } from './calibrate.ts';
import { capacityCommand } from './capacity.ts';
import type { Command } from './command.ts';
import { compareCommand } from './compare.ts';
import { fleetCommand } from './fleet.ts';
import { gateCommand } from './gate.ts';
import { inspectCommand } from './inspect.ts';
import { listCommand } from './list.ts';
import { mergeCommand } from './merge.ts';
import { planCommand } from './plan.ts';
import { runProgram } from './program.ts';
import { pruneCommand } from './prune.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { scenarioCommand } from './scenario.ts';
import { simulateCommand } from './simulate.ts';
import { sweepCommand } from './sweep.ts';
import { tagCommand } from './tag.ts';
import { verifyCommand } from './verify.ts';

/** In the order in which --help lists them. */
const COMMANDS: readonly Command[] = [
  runCommand,
  sweepCommand,
  compareCommand,
  gateCommand,
  capacityCommand,
  planCommand,
  verifyCommand,
  fleetCommand,
  mergeCommand,
  inspectCommand,
  reportCommand,
  listCommand,
  tagCommand,
  pruneCommand,
  simulateCommand,
  calibrateCommand,
  scenarioCommand,
];

/** @returns the exit code */
export async function start(words: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // `shardstorm … | head` closes our output early; what is being done goes on without it.
      if (error.code === 'EPIPE') return;
      process.stderr.write(
        `error [SHARDSTORM_INTERNAL] cannot write the output: ${error.message}\n`,
      );
      process.exitCode = 1;
    });
  }
  silenceSdkNodeWarning();
  return runProgram(words, COMMANDS, {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
  });
}
