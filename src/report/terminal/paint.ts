/** Colour and width for a terminal. Text is measured without its escape codes; every symbol here is one column wide. */

/** The few styles that the reports use; colour only repeats what words, ticks or bar lengths say. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

/** Paints a text in a style, or leaves it plain. */
export type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  magenta: [35, 39],
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with a control character.
const ESCAPES = /\u001b\[[\d;?]*[A-Za-z]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/** @param color false where colour is not wanted: NO_COLOR, `--no-color`, not a terminal */
export function painter(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) => {
    const [open, close] = CODES[style];
    return text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`;
  };
}

/** Columns that a painted text takes. */
export function visibleWidth(text: string): number {
  return [...text.replace(ESCAPES, '')].length;
}

/** Text that others wrote (names, tags, messages), without control codes that could drive the terminal. */
export function plain(text: string): string {
  return text.replace(CONTROLS, ' ');
}

/** Pads on the right to a visible width; longer text stays. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleWidth(text)));
}

/** Pads on the left to a visible width; longer text stays. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - visibleWidth(text))) + text;
}

/** Plain text cut to a width, with an ellipsis where something is missing. */
export function clip(text: string, width: number): string {
  const symbols = [...text];
  if (symbols.length <= width) return text;
  return width <= 1 ? '…'.slice(0, Math.max(0, width)) : `${symbols.slice(0, width - 1).join('')}…`;
}

/** Plain text broken at blanks into lines of at most `width` columns; a longer word is cut. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && visibleWidth(line) + 1 + visibleWidth(word) > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? clip(word, width) : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of `width` columns, filled to `share` in eighths of a column, on a dotted ground. */
export function bar(
  share: number,
  width: number,
): { readonly filled: string; readonly empty: string } {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return { filled, empty: '·'.repeat(width - [...filled].length) };
}

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** One column for a share of a limit: higher is hotter; nothing is a dot, past the limit an exclamation mark. */
export function heatSymbol(share: number): string {
  if (!(share > 0)) return '·';
  if (share > 1) return '!';
  return LEVELS[Math.min(LEVELS.length - 1, Math.floor(share * LEVELS.length))] ?? '█';
}

/** The style of a share of a limit: quiet, near, at the limit. */
export function heatStyle(share: number): Style {
  if (share >= 0.9) return 'red';
  return share >= 0.7 ? 'yellow' : 'green';
}
