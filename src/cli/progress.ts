import { LiveView } from '../report/live/view.ts';
import { partialPath } from '../results/folder.ts';
import type { TimelineRow } from '../results/timeline.ts';
import type { CommandIo } from './command.ts';
import type { RunningLoad, RunSetup } from './run-setup.ts';

/** What a person sees while a run goes on; everything on stderr. */
export interface Progress {
  /** The load is being started: what it has counted can be asked for from now on. */
  readonly begun: (load: RunningLoad) => void;
  /** Time 0 is at hand. */
  readonly started: () => void;
  /** One second, one row a phase. */
  readonly interval: (rows: readonly TimelineRow[]) => void;
  /** A line about what comes after the load, which stays. */
  readonly tell?: (sentence: string) => void;
  readonly stopping: (mode: 'drain' | 'now') => void;
  readonly close: () => void;
}

const SILENT: Progress = {
  begun: () => {},
  started: () => {},
  interval: () => {},
  stopping: () => {},
  close: () => {},
};

/** A picture that is redrawn on a terminal; on a pipe and in CI a line every few seconds; with --quiet nothing. */
export function openProgress(
  setup: RunSetup,
  { stderr, environment }: CommandIo,
  color: boolean,
): Progress {
  if (setup.flags.isQuiet) return SILENT;
  const { name, sizing, phases, plan } = setup;
  const isTerminal = stderr.isTTY === true && (environment['CI'] ?? '') === '';
  const view = new LiveView({
    plan: {
      name,
      phases: phases.map((phase) => ({
        name: phase.name,
        startMs: phase.startUs / 1000,
        endMs: phase.endUs / 1000,
      })),
    },
    stream: stderr,
    isTerminal,
    color,
  });
  return {
    begun: () => {},
    started: () => {
      const seconds = Math.round((phases.at(-1)?.endUs ?? 0) / 1_000_000);
      const threads = `${sizing.workers} worker${sizing.workers === 1 ? '' : 's'}`;
      view.print(`${name}: ${threads}, target ${plan.target.kind}, ${seconds} s`);
    },
    interval: (rows) => view.interval(rows),
    tell: (sentence) => view.print(sentence),
    stopping: (mode) => {
      view.stage(mode === 'drain' ? 'draining' : 'stopping');
      view.print(
        mode === 'drain'
          ? 'stopping: waiting for what is out (Ctrl-C again: now)'
          : `stopping now (Ctrl-C again: at once, which leaves ${partialPath(setup.flags.out, setup.runId)})`,
      );
    },
    close: () => view.close(),
  };
}
