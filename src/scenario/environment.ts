import type { FieldPath, Problem } from './problems.ts';

/** Sections in which `${NAME}` stands for an environment variable. */
const EXPANDED_SECTIONS = ['target', 'tags'] as const;
/** What is expanded is written into results; these never are. */
const SECRETS: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
]);
const VARIABLE = /\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * Replaces `${NAME}` in the texts of `target` and `tags`, in place; `$${NAME}` stands for the text `${NAME}` itself.
 * @returns a problem for each variable that is not set
 */
export function expandEnvironment(
  data: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): Problem[] {
  const problems: Problem[] = [];
  const expand = (value: unknown, path: FieldPath): unknown => {
    if (typeof value === 'string') {
      return value.replaceAll(VARIABLE, (whole, escaped: string | undefined, name: string) => {
        if (escaped !== undefined) return whole.slice(1);
        if (SECRETS.has(name)) {
          problems.push({
            path,
            message: `the environment variable ${name} is a credential and is never copied`,
          });
          return '';
        }
        const found = environment[name];
        if (found === undefined) {
          const message = `the environment variable ${name} is not set`;
          problems.push({ path, message });
        }
        return found ?? '';
      });
    }
    if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, expand(item, [...path, key])]),
    );
  };
  for (const section of EXPANDED_SECTIONS) {
    if (Object.hasOwn(data, section)) data[section] = expand(data[section], [section]);
  }
  return problems;
}

/** The inverse: text that {@link expandEnvironment} leaves as it is now. */
export function escapeVariables(text: string): string {
  return text.replaceAll(VARIABLE, (whole) => `$${whole}`);
}
