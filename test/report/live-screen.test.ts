import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveScreen } from '../../src/report/live-screen.ts';

/** A terminal of unlimited height that knows the escape codes used here. */
class Terminal {
  readonly rows = 10;
  readonly columns = 80;
  readonly lines: string[] = [''];
  isCursorVisible = true;
  writes = 0;
  #row = 0;
  #column = 0;

  write(text: string): void {
    this.writes++;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with a control character.
    for (const [token] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|[\s\S]/gu)) this.#take(token);
  }

  #take(token: string): void {
    const line = this.lines[this.#row] ?? '';
    if (token === '\n') {
      this.#row++;
      this.#column = 0;
      this.lines[this.#row] ??= '';
    } else if (token === '\r') this.#column = 0;
    else if (token === '\u001b[K') this.lines[this.#row] = line.slice(0, this.#column);
    else if (token === '\u001b[J') this.lines.splice(this.#row + 1);
    else if (token === '\u001b[?25l') this.isCursorVisible = false;
    else if (token === '\u001b[?25h') this.isCursorVisible = true;
    else if (token.startsWith('\u001b[')) this.#row -= Number.parseInt(token.slice(2), 10);
    else {
      this.lines[this.#row] = line.slice(0, this.#column) + token + line.slice(this.#column + 1);
      this.#column++;
    }
  }
}

describe('live screen', () => {
  it('leaves exactly the last picture, whatever came before', () => {
    const frame = fc.array(fc.string({ maxLength: 20, unit: fc.constantFrom('a', 'b', ' ') }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 6 }), (frames) => {
        const terminal = new Terminal();
        const screen = new LiveScreen(terminal);
        for (const lines of frames) screen.draw(lines.join('\n'));
        expect(terminal.lines).toEqual(frames.at(-1));
        expect(terminal.writes).toBe(frames.length);
        expect(terminal.isCursorVisible).toBe(false);
        screen.close();
        expect(terminal.isCursorVisible).toBe(true);
        expect(terminal.lines).toEqual([...(frames.at(-1) ?? []), '']);
      }),
    );
  });

  it('prints lines that stay above the picture', () => {
    const terminal = new Terminal();
    const screen = new LiveScreen(terminal);
    screen.draw('one\ntwo');
    screen.print('stopping');
    screen.draw('three');
    expect(terminal.lines.map((line) => line.trimEnd())).toEqual(['stopping', 'three']);
  });

  it('never draws more lines than the screen has', () => {
    const terminal = new Terminal();
    new LiveScreen(terminal).draw(Array(30).fill('x').join('\n'));
    expect(terminal.lines).toHaveLength(9);
  });

  it('gives the cursor back once, and draws nothing after', () => {
    const terminal = new Terminal();
    const screen = new LiveScreen(terminal);
    screen.close();
    expect(terminal.writes).toBe(0);
    const other = new LiveScreen(terminal);
    other.draw('x');
    other.close();
    other.close();
    other.draw('y');
    expect(terminal.writes).toBe(2);
  });
});
