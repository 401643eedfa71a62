import { describe, expect, it } from 'vitest';
import { kplMetrics } from '../../src/report/kpl-names.ts';
import { remedyFor } from '../../src/report/remedies.ts';
import {
  certaintySentences,
  hottestSentence,
  latencyParts,
  refusals,
  verdictOf,
} from '../../src/report/view-model.ts';
import { lateStartSentence } from '../../src/results/shares.ts';
import { type Finding, isInvalidating, remedyOf, sentenceOf } from '../../src/results/warnings.ts';
import { hotShardSummary } from '../fixtures/hot-shard-run.ts';

const SUMMARY = hotShardSummary();
const HELD = SUMMARY.thresholds.map((threshold) => ({ ...threshold, held: true }));

describe('how sure a run is', () => {
  const steadyState = {
    phase: 'hold',
    reached: true,
    settledAfterMs: 12_000,
    by: 'response',
  } as const;
  const precision = {
    metric: 'response.p99',
    wanted: 0.02,
    halfWidth: 0.0184,
    reached: true,
  } as const;

  it('is told as far as the run tells', () => {
    expect(certaintySentences(SUMMARY)).toEqual([]);
    const userRecords = {
      ...SUMMARY.userRecords,
      acceptedPerSecondInterval: [4980, 5020],
    } as const;
    expect(certaintySentences({ ...SUMMARY, userRecords, steadyState, precision })).toEqual([
      'accepted rate: 95 % interval 4,980/s to 5,020/s',
      'phase hold settled after 12.0s (mean response time)',
      'response.p99 is known to ±1.84 %; ±2.00 % was wanted',
    ]);
    const atOnce = { ...steadyState, settledAfterMs: 0 };
    expect(certaintySentences({ ...SUMMARY, steadyState: atOnce })).toEqual([
      'phase hold was steady from its start',
    ]);
  });

  it('leaves what was not reached to the warnings', () => {
    const never = { ...steadyState, reached: false, settledAfterMs: null };
    const missed = { ...precision, reached: false };
    expect(certaintySentences({ ...SUMMARY, steadyState: never, precision: missed })).toEqual([]);
  });
});

describe('verdict', () => {
  it.each([
    ['VALID', {}],
    ['VALID, THRESHOLDS BROKEN', { thresholds: SUMMARY.thresholds }],
    ['VALID, THRESHOLDS BROKEN', { verdict: 'suspect', thresholds: SUMMARY.thresholds }],
    ['SUSPECT', { verdict: 'suspect' }],
    ['INTERRUPTED', { status: 'interrupted', thresholds: SUMMARY.thresholds }],
    ['INVALID', { status: 'interrupted', valid: false }],
    ['FAILED', { status: 'failed', valid: false }],
  ] as const)('%s', (word, change) => {
    expect(verdictOf({ ...SUMMARY, thresholds: HELD, ...change }).word).toBe(word);
  });

  it('of a share says who judges its thresholds', () => {
    const none = { ...SUMMARY, thresholds: [] };
    expect(verdictOf(none).sentence).toBe('no thresholds were set');
    const share = { ...none, run: { ...none.run, share: { index: 0, count: 2 } } };
    expect(verdictOf(share).sentence).toContain('thresholds are judged when the shares are merged');
  });

  it('has another remedy for a start that came too late than for a slow generator', () => {
    for (const reason of [
      'Share 1 began 1.50s after the common start.',
      'The shares began apart, up to 60.0s, and no common start was agreed on.',
      lateStartSentence('then', 2e6) ?? '',
    ]) {
      expect(remedyFor(reason)).toContain('--start-at');
    }
  });

  it('gives every reason of the program the remedy that belongs to it', () => {
    const findings: Finding[] = [
      { kind: 'ledger', where: 'the run', sums: '2 offered is not 1 accepted' },
      { kind: 'means', where: 'the run', detail: 'they differ' },
      { kind: 'generator-late', shareLate: 0.4, p50Us: 41_000, isHeldBack: false },
      { kind: 'schedule-unfinished', offered: 1, scheduled: 2 },
      { kind: 'frames-lost', count: 3 },
      { kind: 'dropped', share: 0.94, dropped: 18_900 },
    ];
    expect(findings.every(isInvalidating)).toBe(true);
    for (const finding of findings) {
      expect(remedyFor(sentenceOf(finding))).toBe(remedyOf(finding.kind));
    }
    expect(remedyFor('worker 3 died')).toContain('worker');
    expect(remedyFor('')).not.toBe('');
  });
});

describe('view of a summary', () => {
  it('names the hottest shard, its limit and how far it stands out', () => {
    expect(hottestSentence(SUMMARY)).toBe(
      'shard 2 at 95.1 % of its byte limit, ×1.6 the median shard',
    );
    const even = SUMMARY.shards.map((shard) => ({ ...shard, utilisation: 0.5 }));
    expect(hottestSentence({ ...SUMMARY, shards: even })).toContain('load is even');
    expect(hottestSentence({ ...SUMMARY, shards: [] })).toBe('');
  });

  it('cuts the mean response time into parts that are a whole', () => {
    const parts = latencyParts(SUMMARY);
    expect(parts.map(({ name }) => name)).toEqual(['lateness', 'buffering', 'retry', 'service']);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(SUMMARY.latency.response.mean);
  });

  it('lists what was refused, largest first, and nothing else', () => {
    expect(refusals(SUMMARY).map(({ name }) => name)).toEqual([
      'throttled',
      'internal failure',
      'no answer',
    ]);
  });

  it('knows the names of the KPL', () => {
    const metrics = new Map(kplMetrics(SUMMARY).map((metric) => [metric.kpl, metric]));
    expect(metrics.get('UserRecordsReceived')?.value).toBe('657,949');
    expect(metrics.get('RetriesPerRecord')?.ours).toBe('rates.retryAmplification');
    expect(metrics.size).toBe(12);
  });
});
