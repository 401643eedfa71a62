/** HTML that cannot be injected into: every text in a template is escaped unless it is HTML already. */

/** A piece of markup whose parts were escaped. */
export interface Html {
  readonly markup: string;
}

type Part = Html | readonly Html[] | string | number;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for an element or a quoted attribute.
 * @internal
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (symbol) => ENTITIES[symbol] ?? symbol);
}

/** Template tag: strings and numbers are escaped, markup and lists of markup are put in as they are. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = strings[0] ?? '';
  parts.forEach((part, i) => {
    markup += markupOf(part) + (strings[i + 1] ?? '');
  });
  return { markup };
}

function markupOf(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  if ('markup' in part) return part.markup;
  return part.map(({ markup }) => markup).join('');
}

/** Markup of our own making that is put in unescaped: styles, the page's script. Never a user's text. */
export function trusted(markup: string): Html {
  return { markup };
}

/** Nothing. */
export const NOTHING: Html = { markup: '' };

/** JSON for a `<script type="application/json">`: no `<` is left that could end the element. */
export function jsonBlock(value: unknown): Html {
  return { markup: JSON.stringify(value).replace(/</g, '\\u003c') };
}

/** Program text for a `<script>`: the sequences that would end or comment out the element are broken up. */
export function scriptBlock(program: string): Html {
  return { markup: program.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--') };
}
