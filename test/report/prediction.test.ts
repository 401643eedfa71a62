import { expect, it } from 'vitest';
import { renderTerminalSummary } from '../../src/report/terminal/summary.ts';
import { renderMarkdown } from '../../src/report/text/markdown.ts';
import { summarySchema } from '../../src/results/schema.ts';
import type { Summary } from '../../src/results/summary.ts';
import { hotShardSummary } from '../fixtures/hot-shard-run.ts';

const agreeing = (value: number) => ({ predicted: value, measured: value, agrees: true });
const PREDICTED: Summary = {
  ...hotShardSummary(),
  prediction: {
    userRecordsPerRecord: agreeing(26.04),
    bytesPerRecord: agreeing(5683),
    throttle: { predicted: 0.147, measured: 0.0356, agrees: false },
    shards: Array.from({ length: 7 }, (_, i) => ({
      ...agreeing(0.1 * (i + 1)),
      id: `shardId-00000000000${i}`,
      agrees: i > 0,
    })),
    mismatches: [{ text: '14.7 % were predicted, and 3.56 % were', causes: ['they slowed down'] }],
  },
};
const terminal = (summary: Summary) =>
  renderTerminalSummary(summary, { width: 80, color: false, kplNames: false, folder: null });

it('shows predictions beside measurements, the hottest shards and those that differ', () => {
  const text = terminal(PREDICTED);
  expect(text).toContain('Predicted and measured');
  expect(text).toMatch(/throttled attempts +14\.7 % +3\.56 % {2}▲/);
  expect(text).toMatch(/shard 6, of its limit +70\.0 % +70\.0 %$/m);
  expect(text).toMatch(/shard 0, of its limit +10\.0 % +10\.0 % {2}▲/);
  expect(text).not.toContain('shard 1, of its limit');
  expect(text).toContain('likely causes: they slowed down');
});

it('tells the same in markdown, and nothing where nothing was compared', () => {
  expect(renderMarkdown(PREDICTED)).toContain('| throttled attempts | 14.7 % | 3.56 % | ⚠️ |');
  expect(renderMarkdown(PREDICTED)).toContain('likely causes');
  expect(terminal(hotShardSummary())).not.toContain('Predicted');
  expect(renderMarkdown(hotShardSummary())).not.toContain('predicted');
});

it('is part of the stored summary', () => {
  expect(summarySchema.parse(PREDICTED).prediction).toEqual(PREDICTED.prediction);
});
