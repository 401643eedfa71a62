/**
 * Where a run was made: what someone needs to judge whether two results may be compared. In: the process and the files
 * around it. Out: environment.json. No program is started, and nothing that names a person or an account is read.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMd5, type Md5 } from '../kinesis/md5.ts';

export interface Environment {
  readonly schema: 'shardstorm.environment/1';
  readonly machine: {
    readonly cpuModel: string;
    readonly cpuCount: number;
    readonly memoryBytes: number;
    readonly architecture: string;
  };
  readonly os: { readonly name: string; readonly release: string };
  readonly runtime: {
    readonly node: string;
    readonly v8: string;
    readonly openssl: string;
    /** How aggregates and keys are hashed: eight at once, or one after the other where that does not work. */
    readonly md5?: Md5['engine'] | undefined;
    /** Options of Node itself, such as --max-old-space-size. */
    readonly options: readonly string[];
  };
  /** This package and what it depends on, by name; null: not found. */
  readonly packages: Readonly<Record<string, string | null>>;
  /** Of the folder that the run was started in; null: no repository. */
  readonly git: { readonly commit: string | null; readonly branch: string | null } | null;
  readonly seed: number;
}

export function collectEnvironment(options: {
  readonly seed: number;
  readonly workingDirectory: string;
}): Environment {
  const processors = cpus();
  return {
    schema: 'shardstorm.environment/1',
    machine: {
      cpuModel: processors[0]?.model.trim() ?? 'unknown',
      cpuCount: processors.length,
      memoryBytes: totalmem(),
      architecture: arch(),
    },
    os: { name: type(), release: release() },
    runtime: {
      node: process.versions.node,
      v8: process.versions.v8,
      openssl: process.versions.openssl,
      md5: createMd5().engine,
      options: process.execArgv.filter((option) => option.startsWith('--')),
    },
    packages: packageVersions(dirname(fileURLToPath(import.meta.url))),
    git: gitState(options.workingDirectory),
    seed: options.seed,
  };
}

/** Folders from `from` up to the root; deeper than the bound is no real path. */
const DEPTH_MAX = 100;

function ancestors(from: string): string[] {
  const folders = [from];
  for (let i = 0; i < DEPTH_MAX; i++) {
    const parent = dirname(folders.at(-1) ?? from);
    if (parent === folders.at(-1)) break;
    folders.push(parent);
  }
  return folders;
}

interface PackageFile {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function packageVersions(from: string): Record<string, string | null> {
  const root = ancestors(from).find((folder) => existsSync(join(folder, 'package.json')));
  const own = root === undefined ? null : readPackage(root);
  if (root === undefined || own === null) return {};
  const versions: Record<string, string | null> = {
    [own.name ?? 'shardstorm']: own.version ?? null,
  };
  for (const name of Object.keys(own.dependencies ?? {})) {
    const folder = ancestors(root)
      .map((place) => join(place, 'node_modules', name))
      .find((place) => existsSync(join(place, 'package.json')));
    versions[name] = folder === undefined ? null : (readPackage(folder)?.version ?? null);
  }
  return versions;
}

function readPackage(folder: string): PackageFile | null {
  const text = readText(join(folder, 'package.json'));
  if (text === null) return null;
  try {
    return JSON.parse(text) as PackageFile;
  } catch {
    return null;
  }
}

/** The commit and branch of the repository around a folder, read from its files; null: there is none. */
export function gitState(workingDirectory: string): Environment['git'] {
  const root = ancestors(workingDirectory).find((folder) => existsSync(join(folder, '.git')));
  if (root === undefined) return null;
  const folder = gitFolder(root);
  const head = readText(join(folder, 'HEAD'))?.trim() ?? '';
  if (!head.startsWith('ref: ')) return { commit: commitOrNull(head), branch: null };
  const ref = head.slice(5);
  const branch = ref.replace(/^refs\/heads\//, '');
  const common = join(folder, readText(join(folder, 'commondir'))?.trim() ?? '.');
  const loose = readText(join(folder, ref)) ?? readText(join(common, ref));
  return { commit: commitOrNull(loose?.trim() ?? packedRef(common, ref)), branch };
}

/** In a worktree or submodule `.git` is a file that says where the folder is. */
function gitFolder(root: string): string {
  const place = join(root, '.git');
  if (statSync(place).isDirectory()) return place;
  const target =
    readText(place)
      ?.replace(/^gitdir:/, '')
      .trim() ?? '';
  return isAbsolute(target) ? target : join(root, target);
}

function packedRef(folder: string, ref: string): string {
  const lines = readText(join(folder, 'packed-refs'))?.split('\n') ?? [];
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0] ?? '';
}

function commitOrNull(text: string): string | null {
  return /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
