import { readFileSync } from 'node:fs';

/** CPU time so far, microseconds, and whose it is. */
export interface CpuReading {
  readonly us: number;
  readonly scope: 'thread' | 'process';
}

interface ThreadCpuUsage {
  threadCpuUsage?: () => { readonly user: number; readonly system: number };
}

/** Nanoseconds on a CPU, the first figure (Linux, Documentation/scheduler/sched-stats.rst). */
const THREAD_SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * CPU time of the calling thread where the platform tells it (Node 23.9 and newer everywhere, older ones on Linux), else
 * of the whole process. Time of V8's and libuv's helper threads is in the process's figure only.
 */
export function readCpu(): CpuReading {
  const { threadCpuUsage } = process as ThreadCpuUsage;
  if (threadCpuUsage !== undefined) {
    const usage = threadCpuUsage.call(process);
    return { us: usage.user + usage.system, scope: 'thread' };
  }
  const threadNs = linuxThreadCpuNs();
  if (threadNs !== null) return { us: threadNs / 1000, scope: 'thread' };
  const usage = process.cpuUsage();
  return { us: usage.user + usage.system, scope: 'process' };
}

/** The file describes the thread that reads it, so the read is synchronous. */
function linuxThreadCpuNs(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    const ns = Number.parseInt(readFileSync(THREAD_SCHEDSTAT, 'latin1'), 10);
    return ns > 0 ? ns : null;
  } catch {
    return null; // A kernel without scheduler statistics.
  }
}
