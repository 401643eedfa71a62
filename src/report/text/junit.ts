/**
 * JUnit XML, as CI servers read it: suites of cases. In: cases with their outcome. Out: one document. Invariant: it is well
 * formed whatever the texts hold, because whatever XML 1.0 has no place for is replaced.
 *
 * There is no standard; the elements and attributes are those that Jenkins, GitLab and GitHub's actions read in common.
 */

/** What came of one case. `failed`: what was checked does not hold; `error`: it could not be checked. */
export type JunitOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly message: string }
  /** `message` is what an overview shows; `text` is the rest, of any length. */
  | { readonly kind: 'failed' | 'error'; readonly message: string; readonly text: string };

export interface JunitCase {
  readonly name: string;
  /** Dotted, so that servers fold cases into a tree. */
  readonly className: string;
  readonly outcome: JunitOutcome;
  /** What a person may read below the case; '' or absent: nothing. */
  readonly output?: string;
}

export interface JunitSuite {
  readonly name: string;
  /** ISO 8601 in UTC; the fraction and the zone are left out, as the format has it. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly JunitCase[];
}

/** Renders a document; ends with a line break. */
export function renderJunit(name: string, suites: readonly JunitSuite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const durationMs = suites.reduce((sum, suite) => sum + suite.durationMs, 0);
  const root = element(
    'testsuites',
    { name, ...countsOf(cases), time: seconds(durationMs) },
    suites.map(suiteElement),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

function suiteElement({ name, startedAt, durationMs, properties, cases }: JunitSuite): string {
  const held = Object.entries(properties).map(([key, value]) =>
    element('property', { name: key, value }, []),
  );
  const attributes = {
    name,
    timestamp: startedAt.replace(/(\.\d+)?(Z|[+-]\d\d:\d\d)?$/, ''),
    ...countsOf(cases),
    time: seconds(durationMs),
  };
  const head = held.length === 0 ? [] : [element('properties', {}, held)];
  // A case has no time of its own: all of them judge the same run, whose time is the suite's.
  return element('testsuite', attributes, [...head, ...cases.map(caseElement)]);
}

function caseElement({ name, className, outcome, output = '' }: JunitCase): string {
  const parts = [outcomeElement(outcome), output === '' ? '' : textElement('system-out', output)];
  return element(
    'testcase',
    { classname: className, name, time: '0' },
    parts.filter((part) => part !== ''),
  );
}

function outcomeElement(outcome: JunitOutcome): string {
  switch (outcome.kind) {
    case 'passed':
      return '';
    case 'skipped':
      return element('skipped', { message: outcome.message }, []);
    default: {
      const tag = outcome.kind === 'failed' ? 'failure' : 'error';
      return textElement(tag, outcome.text, { message: outcome.message, type: outcome.kind });
    }
  }
}

function countsOf(cases: readonly JunitCase[]): Attributes {
  const count = (kind: JunitOutcome['kind']) =>
    String(cases.filter(({ outcome }) => outcome.kind === kind).length);
  return {
    tests: String(cases.length),
    failures: count('failed'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

type Attributes = Readonly<Record<string, string>>;

function element(tag: string, attributes: Attributes, children: readonly string[]): string {
  const open = `<${tag}${attributeText(attributes)}`;
  if (children.length === 0) return `${open}/>\n`;
  const inner = children.map((child) => child.replace(/^(?= *<)/gm, '  ')).join('');
  return `${open}>\n${inner}</${tag}>\n`;
}

/** On one line, and escaped text begins no line with a `<`: so no indent of ours gets into it. */
function textElement(tag: string, text: string, attributes: Attributes = {}): string {
  return `<${tag}${attributeText(attributes)}>${escapeXml(text.trim())}</${tag}>\n`;
}

function attributeText(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(value).replaceAll('\n', '&#10;')}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 does not allow, not even escaped (its production 2), and halves of pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stay.
const NOT_ALLOWED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function escapeXml(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(NOT_ALLOWED, '\ufffd')
    .replace(/[&<>"']/g, (symbol) => ENTITIES[symbol] ?? symbol);
}
