/** One run by a program in a process of its own, this one or an older one, as a nightly job would start it. */
import { spawn } from 'node:child_process';
import { describeCause } from '../core/errors.ts';

export interface ChildRun {
  /** Program and its first words. */
  readonly command: readonly string[];
  /** What follows: `run`, the scenario, flags. */
  readonly words: readonly string[];
  /** After this it is stopped: it hangs. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type ChildOutcome =
  /** `folder` as it said on stdout. */
  | { readonly kind: 'done'; readonly folder: string }
  | { readonly kind: 'failed'; readonly problem: string };

/** Kept of what a program prints; a summary has some ten kilobytes. */
const OUTPUT_BYTES_MAX = 4_000_000;

export async function runChild({
  command,
  words,
  timeoutMs,
  signal,
}: ChildRun): Promise<ChildOutcome> {
  const [program = '', ...first] = command;
  const child = spawn(program, [...first, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGTERM',
  });
  // Not spawn's own `timeout`: where the program cannot be started, its timer is never cleared and holds this process.
  const timer = setTimeout(() => child.kill('SIGTERM'), timeoutMs);
  const output = keep(child.stdout);
  const errors = keep(child.stderr);
  const ended = await new Promise<{ readonly code: number | null; readonly error: unknown }>(
    (resolve) => {
      child.on('error', (error) => resolve({ code: null, error }));
      child.on('close', (code) => resolve({ code, error: null }));
    },
  );
  clearTimeout(timer);
  const said = errors().trim().split('\n').at(-1) ?? '';
  if (ended.error !== null) return failed(`${program}: ${describeCause(ended.error)}`);
  const folder = folderOf(output());
  if (folder !== null && ended.code !== null) return { kind: 'done', folder };
  const how = ended.code === null ? 'was stopped' : `ended with exit code ${ended.code}`;
  return failed(`${command.join(' ')} ${how}${said === '' ? '' : `: ${said}`}`);
}

function failed(problem: string): ChildOutcome {
  return { kind: 'failed', problem };
}

function keep(stream: NodeJS.ReadableStream): () => string {
  const parts: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= OUTPUT_BYTES_MAX) parts.push(part);
  });
  return () => Buffer.concat(parts).toString('utf8');
}

function folderOf(output: string): string | null {
  try {
    const document: unknown = JSON.parse(output);
    if (typeof document !== 'object' || document === null || !('folder' in document)) return null;
    return typeof document.folder === 'string' ? document.folder : null;
  } catch {
    return null;
  }
}

/** This very program, to be started again as it was. */
export function ownCommand(): string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}

/** `"npx --yes shardstorm@0.1.0"` as words; quotes keep blanks together. */
export function commandWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}
