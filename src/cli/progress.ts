import { formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import type { TimelineRow } from '../results/timeline.ts';
import type { CommandIo } from './command.ts';
import type { RunSetup } from './run-setup.ts';

/** What a person sees while a run goes on; everything on stderr. */
export interface Progress {
  /** Time 0 is at hand. */
  readonly started: () => void;
  /** One second, one row a phase. */
  readonly interval: (rows: readonly TimelineRow[]) => void;
  readonly stopping: (mode: 'drain' | 'now') => void;
  readonly close: () => void;
}

/** On a pipe and in CI, one line in this many seconds. */
const LINE_SECONDS = 5;

export function openProgress(setup: RunSetup, io: CommandIo): Progress {
  const say = (line: string) => {
    if (!setup.flags.isQuiet) io.stderr.write(`${line}\n`);
  };
  const { plan, sizing } = setup;
  const seconds = (setup.phases.at(-1)?.endUs ?? 0) / 1_000_000;
  let count = 0;
  return {
    started: () => {
      const threads = `${sizing.workers} worker${sizing.workers === 1 ? '' : 's'}`;
      say(`${setup.name}: ${threads}, target ${plan.target.kind}, ${Math.round(seconds)} s`);
    },
    interval: (rows) => {
      if (++count % LINE_SECONDS !== 0) return;
      for (const row of rows.slice(-1)) say(progressLine(row, seconds));
    },
    stopping: (mode) =>
      say(
        mode === 'drain' ? 'stopping: waiting for what is out (Ctrl-C again: now)' : 'stopping now',
      ),
    close: () => {},
  };
}

function progressLine(row: TimelineRow, seconds: number): string {
  const { userRecords, attempts, response } = row;
  const at = `${Math.round((row.atMs + row.intervalMs) / 1000)}/${Math.round(seconds)} s`;
  const throttle = attempts.records === 0 ? 0 : attempts.throttled / attempts.records;
  return [
    `${at} ${row.phase}`,
    `offered ${formatCount(userRecords.offeredPerSecond)}/s`,
    `accepted ${formatCount(userRecords.acceptedPerSecond)}/s`,
    `p99 ${response.p99 === null ? '-' : formatDurationUs(response.p99)}`,
    `throttled ${formatPercent(throttle)}`,
  ].join(' · ');
}
