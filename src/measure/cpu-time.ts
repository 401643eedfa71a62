import type { SelfDelta } from './frame.ts';

/** Which process a worker is a thread of: of shares that were merged there are several. */
export type ProcessOf = (worker: number) => number;

/** All workers are threads of one process. */
export const ONE_PROCESS: ProcessOf = () => 0;

/**
 * CPU time of several threads: their sum. Where the platform tells only of the whole process, every thread says the same of
 * it, and it counts once for each process.
 */
export function sumCpuUs(
  threads: readonly (Pick<SelfDelta, 'cpuUs' | 'cpuScope'> & { readonly worker: number })[],
  processOf: ProcessOf,
): number {
  const ofProcesses = new Map<number, number>();
  let sumUs = 0;
  for (const { worker, cpuUs, cpuScope } of threads) {
    if (cpuScope === 'thread') sumUs += cpuUs;
    else {
      const process = processOf(worker);
      ofProcesses.set(process, Math.max(ofProcesses.get(process) ?? 0, cpuUs));
    }
  }
  for (const cpuUs of ofProcesses.values()) sumUs += cpuUs;
  return sumUs;
}
