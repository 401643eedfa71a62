/** Tables: one row of heads, then rows whose first cell names the row. */
import { type Html, html, NOTHING } from './html.ts';

/** A table as plain text; every cell is escaped. */
export interface Table {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly TableRow[];
  /** Columns of words, which are set left and may break; 0 always is left. */
  readonly words?: readonly number[];
  /** Columns of single words or names, which are set left and stay in one line. */
  readonly names?: readonly number[];
}

interface TableRow {
  readonly cells: readonly string[];
  readonly kind?: 'total' | 'part';
}

/**
 * The table in a box that scrolls by itself, reachable by keyboard.
 * @param name tells a screen reader which table it is; no two on a page are called alike
 */
export function tableHtml(table: Table, name: string): Html {
  const body = table.rows.map(({ cells, kind }) => {
    const [first, ...rest] = cells;
    return html`<tr class="${kind ?? ''}"><th scope="row">${first ?? ''}</th>${rest.map(
      (cell, i) => html`<td class="${columnClass(table, i + 1)}">${cell}</td>`,
    )}</tr>`;
  });
  const caption = table.caption === '' ? NOTHING : html`<caption>${table.caption}</caption>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>${caption}<thead><tr>${table.heads.map(
    (head, i) =>
      head === ''
        ? html`<td></td>`
        : html`<th scope="col" class="${columnClass(table, i)}">${head}</th>`,
  )}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function columnClass(table: Table, column: number): string {
  if (table.words?.includes(column) === true) return 'text';
  return table.names?.includes(column) === true ? 'name' : '';
}

/** The table behind a chart, closed until asked for. */
export function dataTable(table: Table, title: string): Html {
  return html`<details><summary>Data table</summary>${tableHtml(table, `Data of: ${title}`)}</details>`;
}
