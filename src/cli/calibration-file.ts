/** Where a machine's calibration is kept, so that later runs can be held against it. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeCause } from '../core/errors.ts';
import type { MachineCalibration } from '../results/calibrated.ts';
import { type Calibration, calibrationSchema } from './calibration.ts';
import { usageError } from './errors.ts';

/** The file of this machine: in the user's cache folder, as the XDG Base Directory Specification has it. */
export function calibrationPath(environment: NodeJS.ProcessEnv): string {
  const cache = environment['XDG_CACHE_HOME'];
  const folder = cache === undefined || cache === '' ? join(homedir(), '.cache') : cache;
  return join(folder, 'shardstorm', 'calibration.json');
}

/** What a ceiling depends on, beside the program. */
export function thisMachine(): Calibration['machine'] {
  const processors = cpus();
  return {
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cpuCount: processors.length,
    node: process.versions.node,
  };
}

/** Before minutes of measuring: whether there will be a place for it. @throws SHARDSTORM_CLI_USAGE */
export function requireWritable(path: string): void {
  orUsageError(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const isNew = !existsSync(path);
    closeSync(openSync(path, 'a'));
    // An empty file would be taken for a damaged calibration.
    if (isNew) rmSync(path);
  });
}

/** @throws SHARDSTORM_CLI_USAGE */
export function writeCalibration(path: string, calibration: Calibration): void {
  orUsageError(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(calibration, null, 2)}\n`);
  });
}

function orUsageError(path: string, write: () => void): void {
  try {
    write();
  } catch (thrown) {
    throw usageError(
      `cannot write ${path}: ${describeCause(thrown)}`,
      'Name a file in a folder that you may write to: --out calibration.json',
    );
  }
}

/**
 * The calibration that runs are held against: of this machine, made with this Node.
 * @param wanted a file, `off`, or null for the machine's own
 * @returns null: there is none
 * @throws SHARDSTORM_CLI_USAGE for a file that was named and is of no use
 */
export function readCalibration(
  wanted: string | null,
  environment: NodeJS.ProcessEnv,
): MachineCalibration | null {
  if (wanted === 'off') return null;
  const found = parse(wanted ?? calibrationPath(environment));
  if (typeof found !== 'string') return found;
  if (wanted === null) return null;
  throw usageError(
    `--calibration ${wanted}: ${found}`,
    'Make one with `shardstorm calibrate --out FILE` on this machine, or give --calibration off.',
  );
}

/** What a file holds, or why it is of no use. */
function parse(path: string): MachineCalibration | string {
  let calibration: Calibration;
  try {
    calibration = calibrationSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (thrown) {
    return `cannot be read: ${describeCause(thrown)}`;
  }
  const here = thisMachine();
  const differs = (['cpuModel', 'cpuCount', 'node'] as const).find(
    (name) => calibration.machine[name] !== here[name],
  );
  if (differs !== undefined) {
    return `is of another machine: ${differs} ${calibration.machine[differs]}, here ${here[differs]}`;
  }
  const { at, workers, ceiling, floor } = calibration;
  return {
    at,
    workers,
    ceilingPerSecond: ceiling.recordsPerSecond,
    floorP50Us: floor.p50Us,
    floorP99Us: floor.p99Us,
  };
}
