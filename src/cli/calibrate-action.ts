/**
 * The `calibrate` command. In: flags. Out: figures on what this machine and this tool can measure, as a table or JSON, and
 * exit code 4 when a latency that was known beforehand was not found again.
 */
import { createMd5 } from '../kinesis/md5.ts';
import type { Summary } from '../results/summary.ts';
import { measureClock } from './calibrate-clock.ts';
import {
  type CalibrationOptions,
  runAtRate,
  runCeiling,
  runFloor,
  runKnownLatency,
} from './calibrate-runs.ts';
import { calibrationTable } from './calibrate-table.ts';
import type { Calibration, KnownLatency, PacingFigures } from './calibration.ts';
import {
  calibrationPath,
  requireWritable,
  thisMachine,
  writeCalibration,
} from './calibration-file.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, text } from './flags.ts';

const SHARES = [0.001, 0.1, 0.5, 0.75] as const;
/** A pacer is on time when all but one of a hundred records are made within this. */
const ON_TIME_US = 1000;
const KNOWN_MS = [5, 20, 100] as const;
/** A known latency is found again when the median is no shorter and longer by no more than this and this share. */
const KNOWN_ALLOWANCE_US = 3000;
const KNOWN_SHARE = 0.05;
/** Equal runs, for noise. */
const REPEATS = 3;
const SECONDS_MAX = 60;

export async function calibrate(args: Arguments, io: CommandIo): Promise<number> {
  const options = calibrationOptions(args);
  const path = text(args, 'out') ?? calibrationPath(io.environment);
  requireWritable(path);
  const say = (what: string) => {
    if (!isOn(args, 'quiet')) io.stderr.write(`${what}\n`);
  };
  const calibration = await measureAll(options, say);
  const json = `${JSON.stringify(calibration, null, 2)}\n`;
  io.stdout.write(isOn(args, 'json') ? json : `${calibrationTable(calibration)}\n`);
  writeCalibration(path, calibration);
  say(`kept in ${path}: runs are held against it`);
  return calibration.known.every(({ recovered }) => recovered) ? EXIT.ok : EXIT.invalidRun;
}

function calibrationOptions(args: Arguments): CalibrationOptions {
  const workers = text(args, 'workers') ?? 'auto';
  const seconds = Number(text(args, 'seconds') ?? '3');
  if (workers !== 'auto' && !/^[1-9]\d{0,2}$/.test(workers)) {
    throw usageError(`--workers ${workers}: expected auto or 1 to 999`, 'Give --workers 4.');
  }
  if (!(seconds >= 1 && seconds <= SECONDS_MAX)) {
    const message = `--seconds ${text(args, 'seconds')}: expected 1 to ${SECONDS_MAX}`;
    throw usageError(message, 'Give --seconds 3.');
  }
  return { workers, seconds };
}

async function measureAll(
  options: CalibrationOptions,
  say: (what: string) => void,
): Promise<Calibration> {
  say('clock and timers …');
  const clock = await measureClock();
  say('ceiling of the generator, null target …');
  const ceilings = await repeat(REPEATS, () => runCeiling(options));
  const best = ceilings.reduce((a, b) => (rateOf(b) > rateOf(a) ? b : a));
  const pacing: PacingFigures[] = [];
  for (const share of SHARES) {
    const perSecond = Math.max(1, Math.round(share * rateOf(best)));
    say(`lateness at ${share * 100} % of it …`);
    pacing.push(pacingOf(share, perSecond, await runAtRate(options, perSecond), options.seconds));
  }
  say('floor of the instrument …');
  const floors = await repeat(REPEATS, () => runFloor(options));
  const known: KnownLatency[] = [];
  for (const ms of KNOWN_MS) {
    say(`a known latency of ${ms} ms, simulator …`);
    known.push(knownOf(ms * 1000, await runKnownLatency(options, ms)));
  }
  const perCpu = ceilings.map(({ generator }) => generator.userRecordsPerCpuSecond);
  return {
    schema: 'shardstorm.calibration/1',
    at: new Date().toISOString(),
    machine: thisMachine(),
    workers: best.run.workers,
    clock,
    md5: createMd5().engine,
    ceiling: {
      recordsPerSecond: rateOf(best),
      recordsPerCpuSecond: median(perCpu),
      cpuWaitShare: best.generator.cpuWaitShare ?? 0,
    },
    pacing,
    floor: floorOf(floors),
    known,
    noise: (Math.max(...perCpu) - Math.min(...perCpu)) / median(perCpu),
  };
}

async function repeat<T>(times: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let i = 0; i < times; i++) made.push(await make());
  return made;
}

function rateOf({ userRecords }: Summary): number {
  return userRecords.acceptedPerSecond;
}

function pacingOf(
  share: number,
  perSecond: number,
  summary: Summary,
  seconds: number,
): PacingFigures {
  const { p50, p99 } = summary.latency.lateness;
  return {
    share,
    perSecond,
    latenessP50Us: p50 ?? 0,
    latenessP99Us: p99 ?? 0,
    cores: summary.generator.cpuSeconds / seconds,
    onTime: (p99 ?? 0) <= ON_TIME_US,
  };
}

function floorOf(runs: readonly Summary[]): Calibration['floor'] {
  const p99s = runs.map(({ latency }) => latency.response.p99 ?? 0);
  return {
    p50Us: median(runs.map(({ latency }) => latency.response.p50 ?? 0)),
    p99Us: median(p99s),
    p99RangeUs: Math.max(...p99s) - Math.min(...p99s),
  };
}

function knownOf(injectedUs: number, { latency }: Summary): KnownLatency {
  const serviceP50Us = latency.service.p50 ?? 0;
  const longest = injectedUs * (1 + KNOWN_SHARE) + KNOWN_ALLOWANCE_US;
  return {
    injectedUs,
    serviceP50Us,
    serviceP99Us: latency.service.p99 ?? 0,
    recovered: serviceP50Us >= injectedUs && serviceP50Us <= longest,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
