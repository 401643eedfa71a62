/**
 * What many shares say, said once. In: sentences of shares. Out: one for each kind of sentence, with the shares that say
 * it. Two sentences are of one kind when they differ in their figures only. Bounded, however many shares there are.
 */
import type { ShareFile } from './share-file.ts';
import { remedyOf, sentenceOf } from './warnings.ts';

/** A sentence and whose it is. */
export interface ShareSentence {
  readonly index: number;
  readonly text: string;
}

/** Stretches of shares that are named; the rest is counted. */
const STRETCHES_MAX = 8;
/** A figure with its unit. */
const FIGURE = /\d[\d.,]*(\s?%|\s?[KMGT]i?B(\/s)?|[mun]?s\b)?/g;

/** `Share 3: …`, or `Shares 0 to 2, 7: …` with the figures of the first; in the order in which they first come. */
export function groupedSentences(sentences: readonly ShareSentence[]): string[] {
  const groups = new Map<string, ShareSentence[]>();
  for (const sentence of sentences) {
    const kind = kindOf(sentence.text);
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [sentence]);
    else group.push(sentence);
  }
  return [...groups.values()].map(groupSentence);
}

/**
 * What shares warn of, but for what all of them say alike and the merged result says of the whole, and for samples that
 * only a share has too few of.
 */
export function shareWarnings(shares: readonly ShareFile[], own: readonly string[]): string[] {
  const said = new Set(own.map(kindOf));
  const few = { kind: 'few-samples', count: 0, missing: 0 } as const;
  const fewSamples = kindOf(`${sentenceOf(few)} ${remedyOf(few.kind)}`);
  const counts = new Map<string, number>();
  const all = shares.flatMap(({ index, warnings }) => {
    for (const kind of new Set(warnings.map(kindOf))) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return warnings.map((text) => ({ index, text }));
  });
  return groupedSentences(
    all.filter(({ text }) => {
      const kind = kindOf(text);
      return kind !== fewSamples && !(said.has(kind) && counts.get(kind) === shares.length);
    }),
  );
}

function kindOf(text: string): string {
  return text.replace(FIGURE, '#');
}

function groupSentence(group: readonly ShareSentence[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const indexes = [...new Set(group.map(({ index }) => index))].sort((a, b) => a - b);
  if (indexes.length === 1) return `Share ${first.index}: ${first.text}`;
  const differ = group.some(({ text }) => text !== first.text);
  const whose = differ ? ` (the figures are those of share ${first.index})` : '';
  return `Shares ${stretchesOf(indexes)}: ${first.text}${whose}`;
}

/** `0 to 2, 7`. @param indexes ascending */
function stretchesOf(indexes: readonly number[]): string {
  const stretches: { from: number; to: number }[] = [];
  for (const index of indexes) {
    const last = stretches.at(-1);
    if (last !== undefined && last.to === index - 1) last.to = index;
    else stretches.push({ from: index, to: index });
  }
  const named = stretches.slice(0, STRETCHES_MAX);
  const words = named.map(({ from, to }) => {
    if (from === to) return String(from);
    return to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`;
  });
  const unnamed = indexes.length - named.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return `${words.join(', ')}${unnamed > 0 ? ` and ${unnamed} more` : ''}`;
}
