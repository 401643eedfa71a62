import { describeCause, ShardstormError } from '../core/errors.ts';

export type FileFormat = 'ndjson' | 'json' | 'csv';

/**
 * Called for each row in the file's order.
 * @param bytes the row is `bytes[from, to)`
 * @param value the wanted column's value as text; empty if none is wanted
 * @param line of the file, from 1; of a JSON array the number of the element
 */
export type RowVisitor = (
  bytes: Uint8Array,
  from: number,
  to: number,
  value: string,
  line: number,
) => void;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const BYTE_ORDER_MARK_BYTES = 3;

/**
 * Visits the rows of a file: lines of NDJSON, elements of a JSON array, or records of a CSV file (RFC 4180) after its header.
 * @param path for messages
 * @param column a member of the objects, or a name in the header; null if none is wanted
 * @throws SHARDSTORM_SCENARIO_INVALID naming path and line, and the column where one is wrong
 */
export function visitRows(
  file: Buffer,
  format: FileFormat,
  path: string,
  column: string | null,
  visit: RowVisitor,
): void {
  const hasMark = file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf;
  const bytes = hasMark ? file.subarray(BYTE_ORDER_MARK_BYTES) : file;
  if (format === 'csv') visitCsv(bytes, path, column, visit);
  else if (format === 'json') visitArray(bytes, path, column, visit);
  else visitLines(bytes, path, column, visit);
}

function visitLines(bytes: Buffer, path: string, column: string | null, visit: RowVisitor): void {
  let line = 0;
  for (let from = 0; from < bytes.length; ) {
    line++;
    const newline = bytes.indexOf(NEWLINE, from);
    const next = newline < 0 ? bytes.length : newline;
    const first = skipSpace(bytes, from, next);
    let end = next;
    while (end > first && (bytes[end - 1] as number) <= 0x20) end--;
    from = next + 1;
    if (first === end) continue;
    const row = parseJson(bytes.toString('utf8', first, end), `${path}:${line}`);
    visit(bytes, first, end, columnOf(row, column, `${path}:${line}`), line);
  }
}

function visitArray(bytes: Buffer, path: string, column: string | null, visit: RowVisitor): void {
  const rows = parseJson(bytes.toString('utf8'), path);
  if (!Array.isArray(rows)) {
    throw rowError(`${path}: is not a JSON array`, 'For one object a line, use format: ndjson.');
  }
  rows.forEach((row: unknown, i) => {
    const text = Buffer.from(JSON.stringify(row), 'utf8');
    visit(text, 0, text.length, columnOf(row, column, `${path}: element ${i + 1}`), i + 1);
  });
}

function visitCsv(bytes: Buffer, path: string, column: string | null, visit: RowVisitor): void {
  let line = 1;
  /** Place of the column; null until the header has been read. */
  let columnAt: number | null = null;
  for (let from = 0; from < bytes.length; ) {
    const end = csvRecordEnd(bytes, from, `${path}:${line}`);
    const last = end > from && bytes[end - 1] === RETURN ? end - 1 : end;
    const text = bytes.toString('utf8', from, last);
    if (columnAt === null) columnAt = headerAt(text, column, path);
    else if (last > from) {
      const value = columnAt < 0 ? '' : csvFields(text)[columnAt];
      if (value === undefined) {
        throw rowError(`${path}:${line}: has no column "${column}"`, 'Complete the row.');
      }
      visit(bytes, from, last, value, line);
    }
    line += text.split('\n').length;
    from = end + 1;
  }
}

/** The newline that ends the record at `from`, outside quotes, or the end of the file. */
function csvRecordEnd(bytes: Buffer, from: number, place: string): number {
  let isQuoted = false;
  for (let i = from; i < bytes.length; i++) {
    if (bytes[i] === QUOTE) isQuoted = !isQuoted;
    else if (bytes[i] === NEWLINE && !isQuoted) return i;
  }
  if (isQuoted) throw rowError(`${place}: a quote is never closed`, 'Close it, or double it.');
  return bytes.length;
}

/** Place of the column in the header; -1 if none is wanted. */
function headerAt(header: string, column: string | null, path: string): number {
  if (column === null) return -1;
  const names = csvFields(header).map((name) => name.trim());
  const at = names.indexOf(column);
  if (at < 0) throw missingColumn(`${path}:1`, column, names);
  return at;
}

function csvFields(record: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= record.length) {
    let field = '';
    if (record[at] === '"') {
      at++;
      for (;;) {
        const quote = record.indexOf('"', at);
        const end = quote < 0 ? record.length : quote;
        field += record.slice(at, end);
        at = end + 1;
        if (record[at] !== '"') break;
        field += '"';
        at++;
      }
    }
    const comma = record.indexOf(',', at);
    const end = comma < 0 ? record.length : comma;
    fields.push(field + record.slice(at, end));
    at = end + 1;
  }
  return fields;
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const what = `${place}: is not JSON: ${describeCause(thrown)}`;
    throw rowError(what, 'Correct it, or choose another format.');
  }
}

function columnOf(row: unknown, column: string | null, place: string): string {
  if (column === null) return '';
  const value: unknown =
    typeof row === 'object' && row !== null && Object.hasOwn(row, column)
      ? (row as Readonly<Record<string, unknown>>)[column]
      : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value !== undefined && value !== null) {
    const what = `column "${column}" is ${Array.isArray(value) ? 'an array' : 'an object'}`;
    throw rowError(`${place}: ${what}`, 'Choose a column of text or numbers.');
  }
  throw missingColumn(place, column, Object.keys(Object(row)));
}

function missingColumn(place: string, column: string, known: readonly string[]): ShardstormError {
  return rowError(
    `${place}: has no column "${column}"`,
    `It has: ${known.slice(0, 20).join(', ')}.`,
  );
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] as number) <= 0x20) at++;
  return at;
}

function rowError(message: string, hint: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_SCENARIO_INVALID', message, { hint });
}
