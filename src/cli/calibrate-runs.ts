/**
 * The runs of `calibrate`: short loads through the whole program, whose answer is known beforehand. In: what to offer. Out:
 * their summaries; nothing is written.
 */
import type { Summary } from '../results/summary.ts';
import { compileScenario } from '../scenario/compile.ts';
import { scenarioSource } from '../scenario/load.ts';
import type { OutputFlags } from './flags.ts';
import { setUpRun } from './run-once.ts';
import { summarise } from './run-summary.ts';
import { openTarget } from './run-target.ts';

/** Shards enough that no limit of theirs is met. */
const SHARDS = 4;
/** Records out at once when the ceiling is looked for: enough that generation never waits for an answer. */
const CEILING_CONCURRENCY = 20_000;
const WARM_UP_SECONDS = 1;

const NO_OUTPUT: OutputFlags = {
  out: '',
  name: null,
  isQuiet: true,
  isJson: false,
  isYes: true,
  isStrictClient: false,
  calibration: 'off',
};

/** What a calibration measures with. */
export interface CalibrationOptions {
  /** A number, or `auto`. */
  readonly workers: string;
  /** Length of each measured phase. */
  readonly seconds: number;
}

/** As many 100-byte records as the generator can make, with the default producer but without its limiter. */
export function runCeiling(options: CalibrationOptions): Promise<Summary> {
  const rate = `{ closed: { concurrency: ${CEILING_CONCURRENCY} } }`;
  return runLoad(options, { target: NULL_TARGET, rate, producer: AGGREGATED });
}

/** The same records at a rate, to see how late they are made. */
export function runAtRate(options: CalibrationOptions, perSecond: number): Promise<Summary> {
  const rate = `${perSecond}/s`;
  return runLoad(options, { target: NULL_TARGET, rate, producer: AGGREGATED });
}

/** Single records against a target that answers at once: what the instrument itself adds to a time. */
export function runFloor(options: CalibrationOptions): Promise<Summary> {
  return runLoad(options, { target: NULL_TARGET, rate: '500/s', producer: SINGLE });
}

/** Single records against a simulator that answers after a known time. */
export function runKnownLatency(options: CalibrationOptions, ms: number): Promise<Summary> {
  const target = `{ kind: simulator, simulator: { shards: ${SHARDS}, latency: { fixed: ${ms}ms } } }`;
  return runLoad(options, { target, rate: '200/s', producer: SINGLE });
}

const NULL_TARGET = `{ kind: "null", simulator: { shards: ${SHARDS} } }`;
const AGGREGATED = '{ rateLimit: "off", maxBufferedTime: 20ms }';
const SINGLE = '{ rateLimit: "off", maxBufferedTime: 0ms, aggregation: { enabled: false } }';

interface LoadText {
  readonly target: string;
  readonly rate: string;
  readonly producer: string;
}

async function runLoad(options: CalibrationOptions, load: LoadText): Promise<Summary> {
  const { workers, seconds } = options;
  const text = `version: 1
name: calibrate
target: ${load.target}
load:
  workers: ${workers}
  phases:
    - { name: warm-up, duration: ${WARM_UP_SECONDS}s, rate: ${load.rate}, measure: false }
    - { name: hold, duration: ${seconds}s, rate: ${load.rate} }
producer: ${load.producer}
records: { payload: { kind: random, size: 100B } }
`;
  const setup = setUpRun(compileScenario(scenarioSource(text, 'calibrate.yaml'), {}), NO_OUTPUT);
  const target = await openTarget(setup);
  try {
    const running = target.startLoad({
      onStart: () => Promise.resolve(),
      onInterval: () => {},
      onEvent: () => {},
    });
    return summarise(setup, target, await running.run(), null);
  } finally {
    await target.close();
  }
}
