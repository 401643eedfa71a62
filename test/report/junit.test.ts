import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { type JunitCase, renderJunit } from '../../src/report/text/junit.ts';
import { thresholdSuite } from '../../src/report/threshold-cases.ts';
import { hotShardSummary } from '../fixtures/hot-shard-run.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

/** Reads with a strict parser that we did not write; throws where the document is not well formed. */
function elementsOf(xml: string): Element[] {
  const parser = new SaxesParser();
  const elements: Element[] = [];
  const open: Element[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, text: '' };
    elements.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const [last] = open.slice(-1);
    if (last !== undefined) last.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  return elements;
}

function suiteOf(cases: readonly JunitCase[]) {
  const startedAt = '2026-11-23T14:00:00.250Z';
  return { name: 's', startedAt, durationMs: 1500, properties: { run: 'r' }, cases };
}

describe('JUnit XML', () => {
  it('tells the thresholds of a run as the golden file has it', async () => {
    const base = hotShardSummary();
    const held = { expression: 'userRecords.failed == 0', actual: 0, held: true, note: '' };
    const broken = { expression: 'response.p99 < 250ms', actual: 2_900_000, held: false, note: '' };
    const xml = renderJunit('shardstorm', [
      thresholdSuite({ ...base, thresholds: [held, broken] }),
    ]);
    await expect(xml).toMatchFileSnapshot('golden/junit.xml');
    expect(elementsOf(xml).filter(({ name }) => name === 'failure')).toMatchObject([
      { attributes: { message: 'response.p99 < 250ms does not hold: 2.90s' } },
    ]);
  });

  it('counts failures, errors and skipped cases in the suite and in the whole', () => {
    const xml = renderJunit('all', [
      suiteOf([
        { name: 'a', className: 'c', outcome: { kind: 'passed' } },
        { name: 'b', className: 'c', outcome: { kind: 'failed', message: 'm', text: 't' } },
      ]),
      suiteOf([
        { name: 'd', className: 'c', outcome: { kind: 'error', message: 'm', text: 't' } },
        { name: 'e', className: 'c', outcome: { kind: 'skipped', message: 'no history yet' } },
      ]),
    ]);
    const [root, first] = elementsOf(xml);
    expect(root?.attributes).toMatchObject({
      tests: '4',
      failures: '1',
      errors: '1',
      skipped: '1',
    });
    expect(root?.attributes).toMatchObject({ time: '3.000' });
    expect(first?.attributes).toMatchObject({ tests: '2', failures: '1', errors: '0' });
    expect(first?.attributes['timestamp']).toBe('2026-11-23T14:00:00');
  });

  it('makes an invalid run an error, and says nothing of its thresholds', () => {
    const base = hotShardSummary();
    const invalid = { ...base, valid: false, invalidReasons: ['worker 1 died'] };
    const xml = renderJunit('x', [thresholdSuite(invalid)]);
    const elements = elementsOf(xml);
    const names = elements.map(({ name }) => name);
    expect(names).toContain('error');
    expect(names).not.toContain('failure');
    expect(elements.find(({ name }) => name === 'error')?.text).toContain('worker 1 died');
    expect(names.filter((name) => name === 'skipped')).toHaveLength(base.thresholds.length);
  });

  it('is well formed and gives texts back, whatever they hold', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(text, text, (name, body) => {
        const outcome = { kind: 'failed', message: name, text: `x${body}x` } as const;
        const elements = elementsOf(
          renderJunit(name, [suiteOf([{ name, className: name, outcome, output: 'o' }])]),
        );
        const failure = elements.find((element) => element.name === 'failure');
        expect(failure?.text).toBe(asXmlText(`x${body}x`));
        expect(failure?.attributes['message']).toBe(asXmlText(name).replaceAll('\t', ' '));
      }),
    );
  });
});

/** What XML can hold of a text. */
function asXmlText(text: string): string {
  const allowed = (code: number) =>
    code === 9 ||
    code === 10 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    code >= 0x10000;
  return [...text.replace(/\r\n?/g, '\n')]
    .map((symbol) => (allowed(symbol.codePointAt(0) ?? 0) ? symbol : '\ufffd'))
    .join('');
}
