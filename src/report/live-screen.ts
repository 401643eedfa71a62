/** The part of a terminal stream that the live view needs. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/**
 * Owns a terminal's cursor while a picture is drawn over itself. Writes one string a draw, so that a picture is never
 * seen half; the cursor is hidden between the first draw and `close`, which the owner calls on every way out.
 */
export class LiveScreen {
  readonly #stream: TerminalStream;
  /** Lines of the picture on the screen; the cursor stands at the end of the last. */
  #lines = 0;
  #isOpen = true;

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  /** Columns to draw for; 80 where the stream does not say. */
  get columns(): number {
    return this.#stream.columns ?? 80;
  }

  /** Puts a picture in the place of the last one. What does not fit the screen's height is left out at the end. */
  draw(frame: string): void {
    if (!this.#isOpen) return;
    const lines = frame.split('\n').slice(0, Math.max(1, (this.#stream.rows ?? 24) - 1));
    const start = this.#lines === 0 ? HIDE_CURSOR : this.#toFirstLine();
    const body = lines.map((line) => line + CLEAR_REST_OF_LINE).join('\n');
    this.#stream.write(start + body + CLEAR_BELOW);
    this.#lines = lines.length;
  }

  /** Prints a text that stays, above the picture; the next draw brings the picture back below it. */
  print(text: string): void {
    const start = this.#lines === 0 ? '' : this.#toFirstLine() + CLEAR_BELOW + SHOW_CURSOR;
    this.#stream.write(`${start}${text}\n`);
    this.#lines = 0;
  }

  /** Gives the cursor back below the last picture, which stays. Calling it again does nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#lines > 0) this.#stream.write(`\n${SHOW_CURSOR}`);
    this.#lines = 0;
  }

  #toFirstLine(): string {
    return this.#lines > 1 ? `\r\u001b[${this.#lines - 1}A` : '\r';
  }
}
