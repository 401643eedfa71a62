import { readFileSync } from 'node:fs';

/** CPU time of the whole machine so far, in ticks. */
interface MachineTime {
  readonly stolen: number;
  readonly all: number;
}

/** First line: `cpu user nice system idle iowait irq softirq steal guest guest_nice` (Linux, proc_stat(5)). */
const STAT = '/proc/stat';
const STEAL_FIELD = 7;

/** Watches how much of the machine's CPU time its hypervisor gave to other machines. */
export class StealWatch {
  #last: MachineTime | null = readMachineTime();

  /** The share since the last call, 0 … 1; 0 where the platform does not tell. */
  take(): number {
    const last = this.#last;
    const now = readMachineTime();
    this.#last = now;
    if (last === null || now === null || now.all <= last.all) return 0;
    return Math.max(0, now.stolen - last.stolen) / (now.all - last.all);
  }
}

function readMachineTime(): MachineTime | null {
  if (process.platform !== 'linux') return null;
  try {
    return parseMachineTime(readFileSync(STAT, 'latin1'));
  } catch {
    return null; // A sandbox without /proc.
  }
}

/** The ticks of a /proc/stat; null when it has no steal time. */
export function parseMachineTime(stat: string): MachineTime | null {
  const [, ...fields] = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/);
  // Guest time, the last two fields, is in user and nice already.
  const ticks = fields.slice(0, STEAL_FIELD + 1).map(Number);
  const stolen = ticks[STEAL_FIELD];
  if (stolen === undefined || ticks.some((tick) => !Number.isFinite(tick))) return null;
  return { stolen, all: ticks.reduce((sum, tick) => sum + tick, 0) };
}
