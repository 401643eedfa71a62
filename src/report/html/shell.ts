/**
 * The frame of every page: head, policy, navigation, sections, data and program. Out: one HTML file that holds everything
 * and asks for nothing: no network (the content security policy forbids it), readable without scripts.
 */
import { createHash } from 'node:crypto';
import { type Html, html, jsonBlock, scriptBlock, trusted } from './html.ts';
import { STYLE } from './style.ts';
import { type Table, tableHtml } from './table.ts';

/** A part of the page that the navigation leads to. */
export interface PageSection {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

export interface PageParts {
  readonly title: string;
  readonly header: Html;
  /** Stands before the sections. */
  readonly lead: Html;
  readonly sections: readonly PageSection[];
  readonly footer: string;
  /** What the charts are drawn from. */
  readonly data: unknown;
  /** The page's program, from `readPageScript`. */
  readonly script: string;
  /** Rules of this kind of page. */
  readonly style: string;
}

/** Puts a page together. */
export function pageHtml(parts: PageParts): string {
  const program = scriptBlock(parts.script);
  const items = parts.sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  const sections = parts.sections.map(
    ({ id, title, body }) =>
      html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`,
  );
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(program.markup)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${parts.title} · Shardstorm</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE + parts.style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
${parts.header}
<nav aria-label="Sections"><ul>${items}</ul></nav>
<main id="main">
${parts.lead}
${sections}
</main>
<footer>${parts.footer} This file is whole by itself and loads nothing.</footer>
<script type="application/json" id="chart-data">${jsonBlock(parts.data)}</script>
<script>${program}</script>
</body>
</html>
`;
  return page.markup;
}

/** Only the page's own program may run, and nothing may be loaded or sent. */
function policy(program: string): string {
  const hash = createHash('sha256').update(program).digest('base64');
  return `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** A table with a heading, as a figure. */
export function tableFigure(title: string, table: Table): Html {
  return html`<figure><h3>${title}</h3>${tableHtml(table, title)}</figure>`;
}

/** Text past this is cut in the page, so that a page stays below 2 MB; the result folder has it whole. */
const TEXT_MAX = 60_000;

/** A long text that is shown on demand. */
export function foldHtml(title: string, name: string, text: string): Html {
  const shown =
    text.length <= TEXT_MAX
      ? text
      : `${text.slice(0, TEXT_MAX)}\n… (cut; the result folder has it whole)`;
  return html`<figure class="fold"><h3>${title}</h3><details><summary>Show ${name}</summary><pre tabindex="0">${shown}</pre></details></figure>`;
}

/** A link that saves a text as a file, which is inside the page. */
export function downloadHtml(name: string, type: string, content: string): Html {
  const data = Buffer.from(content).toString('base64');
  return html`<a class="button" download="${name}" href="data:${type};base64,${data}">Download ${name}</a>`;
}
