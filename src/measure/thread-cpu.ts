import { readFileSync } from 'node:fs';

/** CPU time so far, microseconds, and whose it is. */
export interface CpuReading {
  readonly us: number;
  /** Time in which the thread was ready to run and had no core, microseconds; 0 where the platform does not tell. */
  readonly waitUs: number;
  readonly scope: 'thread' | 'process';
}

interface ThreadCpuUsage {
  threadCpuUsage?: () => { readonly user: number; readonly system: number };
}

/** Nanoseconds on a CPU and nanoseconds waiting for one (Linux, Documentation/scheduler/sched-stats.rst). */
const THREAD_SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * CPU time of the calling thread where the platform tells it (Node 23.9 and newer everywhere, older ones on Linux), else
 * of the whole process. Time of V8's and libuv's helper threads is in the process's figure only.
 */
export function readCpu(): CpuReading {
  const fromLinux = readSchedstat();
  if (fromLinux !== null) return fromLinux;
  const { threadCpuUsage } = process as ThreadCpuUsage;
  const usage = threadCpuUsage?.call(process) ?? process.cpuUsage();
  const scope = threadCpuUsage === undefined ? 'process' : 'thread';
  return { us: usage.user + usage.system, waitUs: 0, scope };
}

/** The file describes the thread that reads it, so the read is synchronous. */
function readSchedstat(): CpuReading | null {
  if (process.platform !== 'linux') return null;
  try {
    const [cpuNs = 0, waitNs = 0] = readFileSync(THREAD_SCHEDSTAT, 'latin1').split(' ').map(Number);
    return cpuNs > 0 ? { us: cpuNs / 1000, waitUs: waitNs / 1000, scope: 'thread' } : null;
  } catch {
    return null; // A kernel without scheduler statistics.
  }
}
