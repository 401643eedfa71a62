#!/usr/bin/env node
/** Entry point of the program `shardstorm`. */
import { isLoadRun, keepHeapsSmall } from './heaps.ts';

const words = process.argv.slice(2);
// Before the modules are loaded: what loading them leaves is what a heap grows by.
if (isLoadRun(words)) keepHeapsSmall();
const { start } = await import('./start.ts');
const exitCode = await start(words);
await Promise.all([process.stdout, process.stderr].map(flushed));
// A command has written all it had to by now. What may still be out, a listing that nobody answers or a credential process
// that hangs, is for a run that is over.
process.exit(process.exitCode ?? exitCode);

/** Resolves when the reader has what was written, or is gone. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
