/**
 * The live view as a thing with a lifetime. In: rows each second, stages, warnings. Out: on a terminal one picture that
 * is drawn over itself, elsewhere a line every few seconds. It has no timer: it draws when told of something, so it
 * costs nothing between seconds.
 */

import type { TimelineRow } from '../../results/timeline.ts';
import { LiveScreen, type TerminalStream } from '../live-screen.ts';
import { plain } from '../terminal/paint.ts';
import { liveLine, renderLiveFrame } from './frame.ts';
import {
  advanceLive,
  atStage,
  type LivePlan,
  type LiveStage,
  type LiveState,
  startLive,
  withWarning,
} from './state.ts';

export interface LiveViewOptions {
  readonly plan: LivePlan;
  readonly stream: TerminalStream;
  /** Draws in place; false on a pipe and in CI. */
  readonly isTerminal: boolean;
  readonly color: boolean;
}

/** Off a terminal, one line in this many intervals. */
const INTERVALS_PER_LINE = 5;

export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #screen: LiveScreen;
  #state: LiveState;
  #intervals = 0;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#screen = new LiveScreen(options.stream);
    this.#state = startLive(options.plan);
  }

  /** One more second: a row for each phase in which something happened. */
  interval(rows: readonly TimelineRow[]): void {
    this.#state = advanceLive(this.#state, rows);
    this.#intervals++;
    if (this.#options.isTerminal) this.#draw();
    else if (this.#intervals % INTERVALS_PER_LINE === 0) this.#write(liveLine(this.#state));
  }

  /** The run entered another stage, such as draining. */
  stage(stage: LiveStage): void {
    this.#state = atStage(this.#state, stage);
    if (this.#options.isTerminal) this.#draw();
    else this.#write(liveLine(this.#state));
  }

  /** Something a person should know now; a repeated warning is shown once. */
  warn(warning: string): void {
    const state = withWarning(this.#state, warning);
    if (state === this.#state) return;
    this.#state = state;
    if (this.#options.isTerminal) this.#draw();
    else this.#write(`! ${plain(warning)}`);
  }

  /** A line that stays above the picture. */
  print(text: string): void {
    if (this.#options.isTerminal) {
      this.#screen.print(text);
      this.#draw();
    } else this.#write(text);
  }

  /** Gives the terminal back; on every way out, also after an error. */
  close(): void {
    this.#screen.close();
  }

  #draw(): void {
    const { color } = this.#options;
    this.#screen.draw(renderLiveFrame(this.#state, this.#screen.columns, color));
  }

  #write(line: string): void {
    this.#options.stream.write(`${line}\n`);
  }
}
