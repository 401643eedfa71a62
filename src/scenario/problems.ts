/** What is wrong with a scenario, in words: which field, which value, what is allowed. */
import type { z } from 'zod';
import { didYouMean } from '../core/nearest.ts';
import { ONE_OF, SENTENCE } from './fields.ts';

export type FieldPath = readonly (string | number)[];

export interface Problem {
  readonly path: FieldPath;
  /** Without the path and the place. */
  readonly message: string;
}

export const problem = (path: FieldPath, message: string): Problem => ({ path, message });

/** `load.phases[0].rate`; the whole file is `scenario`. */
export function pathText(path: FieldPath): string {
  if (path.length === 0) return 'scenario';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
}

/** The value at a path of plain data; undefined where there is none. */
export function valueAt(data: unknown, path: FieldPath): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** A value as it is shown in a message: JSON, cut where long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

type Issue = z.core.$ZodIssue;

/** The problems behind what zod found, one a field, in the words of fields.ts. */
export function problemsOf(issues: readonly Issue[], data: unknown, at: FieldPath = []): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...(issue.path as (string | number)[])];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownField([...path, key], namesIn(issue.message)));
      case 'invalid_union':
        return unionProblems(issue, data, path);
      default:
        return [valueProblem(path, valueAt(data, path), issue.message)];
    }
  });
}

/** An unknown field, with the nearest known name. */
function unknownField(path: FieldPath, known: readonly string[]): Problem {
  const suggestion = didYouMean(String(path.at(-1)), known);
  return {
    path,
    message: `unknown field${suggestion}${suggestion ? '' : ';'} allowed: ${known.join(', ')}`,
  };
}

function valueProblem(path: FieldPath, value: unknown, phrase: string): Problem {
  if (phrase.startsWith(SENTENCE)) return { path, message: phrase.slice(SENTENCE.length) };
  if (value === undefined) return { path, message: `missing; expected ${phrase}` };
  const names = phrase.startsWith(ONE_OF) && typeof value === 'string' ? namesIn(phrase) : [];
  const suggestion = didYouMean(String(value), names);
  const expected = suggestion ? `${suggestion} expected` : '; expected';
  return { path, message: `got ${shown(value)}${expected} ${phrase}` };
}

const namesIn = (phrase: string): string[] => phrase.slice(ONE_OF.length).split(', ');

/** At the value itself: another basic type, or none of a few fixed values. */
const NO_LIKENESS: ReadonlySet<string | undefined> = new Set(['invalid_type', 'invalid_value']);

/**
 * The problems of the form of a union that the value comes closest to; of the union as a whole when it is like none. A
 * form of another basic type, or another fixed value, is never meant; among the others, the one with the fewest unknown fields.
 */
function unionProblems(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  data: unknown,
  path: FieldPath,
): Problem[] {
  const value = valueAt(data, path);
  const forms = issue.errors.filter(
    (form) => !form.some(({ code, path: inner }) => inner.length === 0 && NO_LIKENESS.has(code)),
  );
  const ranked = forms
    .map((form) => ({ form, unknown: unknownKeys(form) }))
    .sort((a, b) => a.unknown.length - b.unknown.length || a.form.length - b.form.length);
  const best = ranked[0];
  if (best === undefined) return [valueProblem(path, value, issue.message)];
  const fieldCount = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  if (fieldCount > 0 && best.unknown.length === fieldCount) {
    const known = forms.flatMap((form) =>
      form.flatMap((inner) =>
        inner.code === 'unrecognized_keys' && inner.path.length === 0 ? namesIn(inner.message) : [],
      ),
    );
    return best.unknown.map((key) => unknownField([...path, key], [...new Set(known)]));
  }
  return problemsOf(best.form, data, path);
}

function unknownKeys(form: readonly Issue[]): string[] {
  return form.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
}
