import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../../src/results/summary.ts';
import type { SimulatorHandle } from '../../src/simulator/host.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/src/cli/main.js');
export const SCENARIOS = join(ROOT, 'scenarios');
export const QUICKSTART = join(SCENARIOS, 'quickstart.yaml');

/** A short form of the quickstart: the same way of a record, 2 s of it. */
export const SHORT = ['--set', 'load.phases.warm-up.duration=500ms', '--duration', '2s'];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once stderr has held the text. */
  readonly said: (text: string) => Promise<void>;
}

/** Starts the built program, away from any real credentials and configuration. */
export function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: join(tmpdir(), 'no-such-home'),
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
  });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; resolve: () => void }[] = [];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
    for (const wait of waiting) if (stderr.includes(wait.text)) wait.resolve();
  });
  return {
    child,
    ended: new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    }),
    said: (text) =>
      new Promise((resolve) => {
        if (stderr.includes(text)) resolve();
        else waiting.push({ text, resolve });
      }),
  };
}

export function run(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> {
  return start(words, environment).ended;
}

/** A folder for results, and what is in it. */
export class OutFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'shardstorm-test-'));

  /** Every entry, hidden ones included. */
  get entries(): string[] {
    return readdirSync(this.path);
  }

  /** Path of the one result folder. */
  get result(): string {
    const [only, ...more] = this.entries;
    if (only === undefined || more.length > 0) throw new Error(`not one result: ${this.entries}`);
    return join(this.path, only);
  }

  get summary(): Summary {
    return JSON.parse(this.read('summary.json'));
  }

  read(file: string): string {
    return readFileSync(join(this.result, file), 'utf8');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The built simulator in a thread of this process, as an endpoint that the program knows nothing of. */
export async function startEndpoint(options: Partial<SimulatorOptions>): Promise<SimulatorHandle> {
  const host = join(ROOT, 'dist/src/simulator/host.js');
  const { startSimulatorThread } = (await import(
    host
  )) as typeof import('../../src/simulator/host.ts');
  return startSimulatorThread({
    mode: 'provisioned',
    shards: 2,
    latency: { kind: 'fixed', us: 2000 },
    faults: [],
    stream: 'quickstart',
    seed: 1,
    region: null,
    ...options,
  });
}

/** The ledger of the contract, which must hold in every run. */
export function ledgerGap({ userRecords: u }: Summary): number {
  return u.offered - u.accepted - u.failed - u.expired - u.dropped;
}
