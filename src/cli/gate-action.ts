/**
 * The `gate` command: read this file for its order. In: tonight's result and the history. Out: a verdict, an exit code, and
 * files for CI. Invariant: exit code 99 only for a regression that was measured again and confirmed.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import {
  concludeSeries,
  invalidSeries,
  suspectsOf,
  worstVerdict,
} from '../report/gate/conclude.ts';
import type { Confirmation, GateReport, SeriesReport } from '../report/gate/gate.ts';
import { type Judgement, judgeNight, type Tonight } from '../report/gate/judge.ts';
import { renderTerminalGate } from '../report/gate/terminal.ts';
import { fingerprintHash, fingerprintOf } from '../results/fingerprint.ts';
import {
  type History,
  makeWritable,
  type NightVerdict,
  readHistory,
  recordNight,
} from '../results/history.ts';
import { makeRunId } from '../results/run-id.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, text, texts, usesColor } from './flags.ts';
import { CONFIRM_RUNS_MIN, confirmSuspicion } from './gate-confirm.ts';
import { writeGateFiles } from './gate-files.ts';
import { confirmCount, type GatedSeries, gatedMetrics, readSeries } from './gate-inputs.ts';
import { listenForInterrupts, StoppedBeforeStart } from './interrupts.ts';
import { outputFlags } from './output-flags.ts';

export async function runGate(args: Arguments, io: CommandIo): Promise<number> {
  const history = resolve(historyFolder(args));
  const count = confirmCount(args, CONFIRM_RUNS_MIN);
  const series = readSeries(text(args, 'result') ?? '');
  const before = readHistory(history);
  if (isOn(args, 'record')) makeWritable(history);
  const judged: Judged[] = [];
  for (const one of series) judged.push(await judgeSeries(one, before, { args, io, count }));
  const notes = [
    ...before.unreadable.map((problem) => `Left out, unreadable: ${problem}`),
    ...series.flatMap((one) => notesOf(one, before)),
  ];
  const verdict = worstVerdict(judged.map(({ report }) => report));
  const kept = judged.map((one) => (isOn(args, 'record') ? recorded(one, history, before) : one));
  const report: GateReport = {
    schema: 'shardstorm.gate/1',
    createdAt: new Date().toISOString(),
    history,
    verdict,
    series: kept.map((one) => one.report),
    notes: [...new Set(notes)],
  };
  const failures = kept.flatMap(({ failure }) => failure ?? []);
  const files = keepFailure(failures, () => writeGateFiles(report, args, io)) ?? [];
  print(report, files, args, io);
  // Told last: what was measured for the verdict may have taken an hour.
  if (failures.length > 0) throw failures[0];
  return exitCodeOf(report);
}

function print(report: GateReport, files: readonly string[], args: Arguments, io: CommandIo) {
  if (isOn(args, 'json')) {
    io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const color = usesColor(args, io, io.stdout);
  const width = io.stdout.columns ?? 80;
  io.stdout.write(`${renderTerminalGate(report, { width, color, files })}\n`);
}

/** null: it failed, and why is kept. */
function keepFailure<T>(failures: unknown[], write: () => T): T | null {
  try {
    return write();
  } catch (thrown) {
    failures.push(thrown);
    return null;
  }
}

function historyFolder(args: Arguments): string {
  const folder = text(args, 'history') ?? '';
  if (folder.trim() !== '') return folder;
  throw usageError(
    '--history is empty',
    'Give the folder that keeps the nights: --history nightly',
  );
}

function exitCodeOf({ verdict }: GateReport): number {
  if (verdict === 'regression') return EXIT.thresholdFailed;
  return verdict === 'invalid' ? EXIT.invalidRun : EXIT.ok;
}

interface Gate {
  readonly args: Arguments;
  readonly io: CommandIo;
  /** Blocks or runs of a confirmation; 0: none. */
  readonly count: number;
}

/** A series, and what is to be recorded of it; null: an invalid night is not. */
interface Judged {
  readonly report: SeriesReport;
  readonly night: Parameters<typeof recordNight>[1] | null;
  /** Why it could not be recorded. */
  readonly failure?: unknown;
}

/** After all series are judged, so that a gate that is stopped has recorded nothing. */
function recorded(one: Judged, history: string, before: History): Judged {
  const { report, night } = one;
  if (night === null) return one;
  const failures: unknown[] = [];
  const file = keepFailure(failures, () => recordNight(history, night, before));
  return { report: { ...report, recorded: file }, night, failure: failures[0] };
}

async function judgeSeries(series: GatedSeries, before: History, gate: Gate): Promise<Judged> {
  const { args } = gate;
  const [first] = series.valid;
  if (first === undefined) {
    const runs = series.invalid.map(({ summary }) => summary);
    const [broken] = series.invalid;
    const fingerprint =
      broken === undefined
        ? ''
        : fingerprintHash(fingerprintOf(broken.summary, broken.environment, broken.scenario));
    return { report: invalidSeries(series.name, runs, fingerprint), night: null };
  }
  const tonight: Tonight = {
    runs: series.valid.map(({ summary }) => summary),
    fingerprint: fingerprintOf(first.summary, first.environment, first.scenario),
  };
  const judgement = judgeNight(tonight, before, gatedMetrics(args, first.scenario));
  const accepted = text(args, 'accept') ?? null;
  const confirmation = accepted === null ? await confirm(series, judgement, gate) : null;
  const report = concludeSeries({ name: series.name, tonight, judgement, confirmation, accepted });
  const night = {
    recordedAt: new Date().toISOString(),
    name: series.name,
    verdict: report.verdict as NightVerdict,
    accepted,
    environment: first.environment,
    scenario: first.scenario,
    runs: tonight.runs,
  };
  return { report, night };
}

/** null: nothing is suspicious, or it is not to be measured again. @throws StoppedBeforeStart at a signal */
async function confirm(
  { valid, name }: GatedSeries,
  judgement: Judgement,
  { args, io, count }: Gate,
): Promise<Confirmation | null> {
  const suspects = suspectsOf(judgement);
  const [run] = valid;
  if (suspects.length === 0 || count === 0 || run === undefined) return null;
  const stop = new AbortController();
  const interrupts = listenForInterrupts(() => stop.abort());
  const id = makeRunId(Date.now(), `gate-${name}`, randomBytes(3).readUIntBE(0, 3));
  try {
    return await confirmSuspicion({
      suspects,
      run,
      count,
      baselineCommand: text(args, 'baseline-command') ?? null,
      baselineSet: texts(args, 'baseline-set') ?? [],
      folder: resolve(text(args, 'out') ?? 'results/', id),
      pricesFile: text(args, 'prices') ?? null,
      flags: outputFlags(args),
      io,
      signal: stop.signal,
    });
  } catch (thrown) {
    const signal = interrupts.exitCode();
    throw signal === null
      ? thrown
      : new StoppedBeforeStart(signal, 'stopped while confirming: nothing was recorded');
  } finally {
    interrupts.release();
  }
}

/** What decides nothing, and yet should be known. */
function notesOf({ name, valid, invalid }: GatedSeries, { nights }: History): string[] {
  const notes: string[] = [];
  if (invalid.length > 0 && valid.length > 0) {
    notes.push(
      `${name}: ${invalid.length} of ${invalid.length + valid.length} runs are invalid and left out.`,
    );
  }
  const strained = valid.filter(({ summary }) => summary.verdict === 'suspect').length;
  if (strained > 0) {
    notes.push(
      `${name}: ${strained} of ${valid.length} runs are suspect: the generator or its machine strained.`,
    );
  }
  const startedAt = valid[0]?.summary.run.startedAt ?? '';
  const later = nights.filter(({ runs }) => (runs[0]?.run.startedAt ?? '') > startedAt).length;
  if (startedAt !== '' && later > 0) {
    notes.push(
      `${name}: ${later} nights in the history began after this run. The clock was set back, or this is an older result; nights count in the order in which they were recorded.`,
    );
  }
  return notes;
}
