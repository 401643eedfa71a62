import { setFlagsFromString } from 'node:v8';

/** Maglev's queue of finished compilations, with all that they needed, waits for a core; this Node has the flag. */
const MAGLEV_NODES = /^v24\./;

/** Whether a load on the wire is all that the program will do. */
export function isLoadRun(words: readonly string[]): boolean {
  return words[0] === 'run' && !words.includes('--virtual');
}

/**
 * Young generations of all threads stay as large as they are: V8 doubles them, up to 32 MB each, whenever enough has
 * survived, be it once in an hour, and never gives that back to a thread that is busy. What a load leaves is next to nothing.
 * V8 reads these flags anew each time, so they may change while it runs.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  if (MAGLEV_NODES.test(process.version)) {
    // A compilation's memory is given back by the thread itself, at once.
    setFlagsFromString('--no-maglev-destroy-on-background');
  }
}

/** As V8 has it, for what makes many objects: the SDK, a simulator, reading back. */
export function letHeapsGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
