/** The one file of this folder that reads files. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { compileScenario, type ScenarioSource } from './compile.ts';
import type { ScenarioOverrides } from './overrides.ts';
import type { Plan } from './plan.ts';

/**
 * Reads a scenario file and resolves it.
 * @param path of a YAML or JSON file
 * @param overrides what the command line changes
 * @param onNote called with each sentence on what an imported KPL properties file could not say
 * @throws SHARDSTORM_SCENARIO_UNREADABLE, SHARDSTORM_SCENARIO_SYNTAX, SHARDSTORM_SCENARIO_INVALID
 */
export function loadScenario(
  path: string,
  overrides: ScenarioOverrides = {},
  onNote: (note: string) => void = () => {},
): Plan {
  return compileScenario(scenarioSource(readText(path), path), overrides, onNote);
}

/**
 * The same for a scenario that another machine runs, or ran: the files that its load reads are that machine's, so nothing
 * is looked for here, and their paths stay as they are written.
 * @throws SHARDSTORM_SCENARIO_UNREADABLE, SHARDSTORM_SCENARIO_SYNTAX, SHARDSTORM_SCENARIO_INVALID
 */
export function loadDistantScenario(path: string, overrides: ScenarioOverrides = {}): Plan {
  const source = scenarioSource(readText(path), path);
  const files = { ...source.files, absolute: (file: string) => file, exists: () => true };
  return compileScenario({ ...source, files }, overrides);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_SCENARIO_UNREADABLE',
      `cannot read the scenario ${path}: ${describeCause(thrown)}`,
      {
        hint: 'Check the path; `shardstorm scenario init` writes a first scenario.',
        cause: thrown,
      },
    );
  }
}

/**
 * A scenario's text with the folder of its file around it.
 * @internal
 */
export function scenarioSource(text: string, path: string): ScenarioSource {
  const baseDirectory = dirname(resolve(path));
  const absolute = (file: string) => resolve(baseDirectory, file);
  const read = (file: string) => {
    try {
      return readFileSync(absolute(file), 'utf8');
    } catch {
      return null;
    }
  };
  return {
    text,
    file: path,
    environment: process.env,
    files: {
      defaultName: nameOf(path),
      baseDirectory,
      absolute,
      exists: (file) => existsSync(absolute(file)),
      read,
      meanLineBytes: (file) => meanLineBytes(read(file)),
    },
  };
}

function nameOf(path: string): string {
  const name = basename(path).replace(/\.[^.]+$/, '');
  return name.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'scenario';
}

function meanLineBytes(text: string | null): number | null {
  if (text === null) return null;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  return lines.length === 0 ? null : bytes / lines.length;
}
