/**
 * `--time-source`: how far this machine's clock is off, asked before the start and again after the end. In: the flag.
 * Out: what share.json says of the clock. A server that cannot be reached leaves it unknown, and never stops a run.
 */

import { clockOrigin, monotonicNowUs } from '../core/clock.ts';
import { type ClockOffset, correctionUs, estimateOffset } from '../core/clock-offset.ts';
import { formatDurationUs } from '../core/units.ts';
import type { ClockCheck } from '../results/share-file.ts';
import { askTime, parseTimeSource, type TimeSource } from '../transport/time-source.ts';
import type { Arguments } from './command.ts';
import { usageError } from './errors.ts';
import { text } from './flags.ts';

/** The server that --time-source names; null: none. @throws SHARDSTORM_CLI_USAGE */
export function timeSourceOf(args: Arguments): TimeSource | null {
  const url = text(args, 'time-source');
  if (url === undefined) return null;
  const source = parseTimeSource(url);
  if (source !== null) return source;
  throw usageError(
    `--time-source ${url} is no time server; expected ntp://host[:port]`,
    'On EC2 and in containers on it: --time-source ntp://169.254.169.123',
  );
}

/** The wall clock is read in whole milliseconds. */
const WALL_RESOLUTION_US = 1000;

/** A clock that gains or loses more than this while a run lasts makes times of two machines incomparable. */
const DRIFT_MAX_US = 10_000;

/** Where a share says what it knows of its clock. */
export interface ClockWords {
  readonly note: (sentence: string) => void;
  readonly warn: (sentence: string) => void;
}

/** One share's clock, checked against a time server. */
export class ClockWatch {
  readonly #source: TimeSource;
  readonly #io: ClockWords;
  #first: ClockOffset | null = null;
  #driftUs: number | null = null;
  /** Sentences for the share's result. */
  readonly warnings: string[] = [];

  constructor(source: TimeSource, io: ClockWords) {
    this.#source = source;
    this.#io = io;
  }

  /** Before the start. */
  async begin(): Promise<void> {
    this.#first = await this.#ask('how far the clock is off stays unknown');
    if (this.#first !== null) this.#io.note(this.#sentence(this.#first));
  }

  /** After the end. */
  async end(): Promise<void> {
    if (this.#first === null) return;
    const last = await this.#ask('how far the clock drifted stays unknown');
    if (last === null) return;
    const driftUs = last.offsetUs - this.#first.offsetUs;
    this.#driftUs = driftUs;
    if (Math.abs(driftUs) <= DRIFT_MAX_US) return;
    const way = driftUs < 0 ? 'lost' : 'gained';
    this.#warn(
      `The clock ${way} ${formatDurationUs(Math.abs(driftUs))} against ${this.#source.host} during the run, so times from one machine to another (end-to-end) are off by as much. Let a time service keep it (chrony, ntpd).`,
    );
  }

  #warn(sentence: string): void {
    this.warnings.push(sentence);
    this.#io.warn(sentence);
  }

  /** To be added to an instant of the server's to have it by this machine's clock. */
  get correctionUs(): number {
    return correctionUs(this.#first);
  }

  /** For share.json; null: unknown. */
  get check(): ClockCheck | null {
    if (this.#first === null) return null;
    return { source: this.#source.url, ...this.#first, driftUs: this.#driftUs };
  }

  #sentence({ offsetUs, errorUs }: ClockOffset): string {
    const way = offsetUs < 0 ? 'behind' : 'ahead of';
    const away = `this clock is ${formatDurationUs(Math.abs(offsetUs))} ${way} ${this.#source.host}`;
    const effect = this.correctionUs === 0 ? 'not certain, so the start is not' : 'the start is';
    return `${away}, ± ${formatDurationUs(errorUs)}: ${effect} corrected by it`;
  }

  async #ask(loss: string): Promise<ClockOffset | null> {
    // The wall clock is read once, so that an exchange is measured by the monotonic one.
    const { monotonicUs, epochUs } = clockOrigin();
    const nowUs = () => monotonicNowUs() - monotonicUs + epochUs;
    const { exchanges, problem } = await askTime(this.#source, nowUs);
    const offset = estimateOffset(exchanges);
    if (offset === null) {
      const cause = problem || 'no answer makes sense';
      this.#warn(`${this.#source.url} does not tell the time (${cause}): ${loss}.`);
      return null;
    }
    return { ...offset, errorUs: offset.errorUs + WALL_RESOLUTION_US };
  }
}
