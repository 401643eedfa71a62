import { describe, expect, it } from 'vitest';
import { groupedSentences, shareWarnings } from '../../src/results/share-sentences.ts';
import { remedyOf, sentenceOf } from '../../src/results/warnings.ts';
import { share } from './builders.ts';

const gc = (percent: number) => {
  const finding = { kind: 'gc', share: percent / 100 } as const;
  return `${sentenceOf(finding)} ${remedyOf(finding.kind)}`;
};

describe('sentences of many shares', () => {
  it('that differ in figures only are said once, with the shares that say them', () => {
    const late = (index: number, time: string) => ({ index, text: `p99 was ${time}, late.` });
    const [first, second, ...more] = groupedSentences([
      ...[late(0, '3.1ms'), late(1, '980us'), late(2, '1.2s'), late(7, '2,100us')],
      { index: 4, text: 'A worker died.' },
    ]);
    expect(first).toBe('Shares 0 to 2, 7: p99 was 3.1ms, late. (the figures are those of share 0)');
    expect(second).toBe('Share 4: A worker died.');
    expect(more).toEqual([]);
  });

  it('name shares in stretches, and not without end', () => {
    const odd = Array.from({ length: 500 }, (_, i) => ({ index: 2 * i, text: 'odd' }));
    expect(groupedSentences(odd)).toEqual(['Shares 0, 2, 4, 6, 8, 10, 12, 14 and 492 more: odd']);
    const all = Array.from({ length: 1000 }, (_, index) => ({ index, text: 'all' }));
    expect(groupedSentences(all)).toEqual(['Shares 0 to 999: all']);
  });
});

describe('warnings of shares', () => {
  it('are told with their shares, also where the merged result warns of the same', () => {
    const shares = [share(0), share(1, { warnings: [gc(3.5)] }), share(2)];
    expect(shareWarnings(shares, [])).toEqual([`Share 1: ${gc(3.5)}`]);
    expect(shareWarnings(shares, [gc(2.5)])).toEqual([`Share 1: ${gc(3.5)}`]);
  });

  it('are left out where all say what the merged result says, and where they are of a share alone', () => {
    const few = { kind: 'few-samples', count: 700, missing: 300 } as const;
    const alone = `${sentenceOf(few)} ${remedyOf(few.kind)}`;
    const shares = [0, 1, 2].map((i) => share(i, { warnings: [gc(i + 3), alone] }));
    expect(shareWarnings(shares, [gc(2.5)])).toEqual([]);
    expect(shareWarnings(shares, [])).toHaveLength(1);
    expect(shareWarnings(shares, [])[0]).toMatch(
      /^Shares 0 to 2: .*\(the figures are those of share 0\)$/,
    );
  });
});
