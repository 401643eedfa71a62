/**
 * What must be the same for two nights to be held against each other. In: a stored run. Out: its fingerprint. It holds the
 * settings themselves, not a hash of them alone, so that a difference can be named, and so that a later version, whose
 * scenarios have a field more, still knows the nights of this one.
 */
import { createHash } from 'node:crypto';
import type { Environment } from './environment.ts';
import { flatSettings } from './settings.ts';
import type { Summary } from './summary.ts';

export interface Fingerprint {
  /** Name of the scenario, and every setting of it by path. */
  readonly scenario: string;
  readonly settings: ReadonlyMap<string, string>;
  /** Threads and producers that the load was split over, after `auto`. */
  readonly split: string;
  readonly target: string;
  /** Processor, cores, memory, architecture and system: not the host. */
  readonly machine: string;
  /** Major version of Node.js. */
  readonly node: string;
  /** Major version of Shardstorm. */
  readonly tool: string;
  /** Its whole version, which does not count. */
  readonly toolVersion: string;
}

/** Named each night anew by jobs that make their own stream; how many shards it has is in the settings. */
const CHANGES_NIGHTLY = new Set(['target.stream']);

/** @param scenario scenario.yaml, parsed */
export function fingerprintOf(
  { run }: Pick<Summary, 'run'>,
  { machine, os, runtime, packages }: Environment,
  scenario: unknown,
): Fingerprint {
  const settings = flatSettings(scenario);
  for (const path of CHANGES_NIGHTLY) settings.delete(path);
  const toolVersion = packages['shardstorm'] ?? 'unknown';
  return {
    scenario: run.scenario,
    settings,
    split: `${counted(run.workers, 'thread')}, ${counted(run.producers, 'producer')}`,
    target: run.transport === 'virtual' ? `${run.target}, in virtual time` : run.target,
    machine: [
      machine.cpuModel,
      `${machine.cpuCount} cores`,
      `${Math.round(machine.memoryBytes / 1024 ** 3)} GiB`,
      os.name,
      machine.architecture,
    ].join(', '),
    node: majorOf(runtime.node),
    tool: majorOf(toolVersion),
    toolVersion,
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? version;
}

/** One thing in which two fingerprints differ. */
export interface FingerprintDifference {
  readonly what: string;
  readonly was: string;
  readonly is: string;
}

/** Everything in which `is` differs from `was`; empty: they may be held against each other. */
export function fingerprintDifferences(was: Fingerprint, is: Fingerprint): FingerprintDifference[] {
  const facts: readonly (readonly [string, (fingerprint: Fingerprint) => string])[] = [
    ['scenario', ({ scenario }) => scenario],
    ['target', ({ target }) => target],
    ['load', ({ split }) => split],
    ['machine', ({ machine }) => machine],
    ['Node.js', ({ node }) => node],
    ['Shardstorm', ({ tool }) => tool],
  ];
  const differing = facts.flatMap(([what, read]) =>
    read(was) === read(is) ? [] : [{ what, was: read(was), is: read(is) }],
  );
  return [...differing, ...settingDifferences(was, is)];
}

/**
 * Another version of the tool may know a setting more, and writes it with its default: a setting that only one of them has,
 * in a section that both have, does not count then. A section that only one has does: a fault, a phase, a rule to stop by.
 */
function settingDifferences(was: Fingerprint, is: Fingerprint): FingerprintDifference[] {
  const isSameTool = was.toolVersion === is.toolVersion;
  const paths = [...new Set([...was.settings.keys(), ...is.settings.keys()])].sort();
  return paths.flatMap((path) => {
    const before = was.settings.get(path);
    const now = is.settings.get(path);
    if (before === now) return [];
    const lacking = before === undefined ? was : now === undefined ? is : null;
    if (!isSameTool && lacking !== null && hasSection(lacking, path)) return [];
    return [{ what: path, was: before ?? '-', is: now ?? '-' }];
  });
}

/** Whether there is another setting beside that path. */
function hasSection({ settings }: Fingerprint, path: string): boolean {
  const section = path.slice(0, path.lastIndexOf('.') + 1);
  return [...settings.keys()].some((other) => other.startsWith(section));
}

/** A short name for everything that counts, to be seen side by side; equal ones need not be compatible across versions. */
export function fingerprintHash(fingerprint: Fingerprint): string {
  const { settings, toolVersion: _, ...facts } = fingerprint;
  const text = JSON.stringify([Object.entries(facts), [...settings].sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
