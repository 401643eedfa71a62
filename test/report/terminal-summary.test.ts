import { describe, expect, it } from 'vitest';
import { visibleWidth } from '../../src/report/terminal/paint.ts';
import { renderTerminalSummary } from '../../src/report/terminal/summary.ts';
import type { Summary } from '../../src/results/summary.ts';
import { emptyLatency, hotShardSummary, latencyOf } from '../fixtures/hot-shard-run.ts';

const OPTIONS = { width: 80, color: false, kplNames: false, folder: 'results/run' };
const FOLDER = 'results/20261123T133000Z-clickstream-a1b2c3';

function smallRun(): Summary {
  const base = hotShardSummary();
  return {
    ...base,
    latency: {
      response: latencyOf(120, 5_000, 9_000),
      lateness: emptyLatency(),
      buffering: emptyLatency(),
      retry: emptyLatency(),
      service: emptyLatency(),
      request: emptyLatency(),
    },
  };
}

describe('terminal summary', () => {
  it('tells a throttled run as the golden file has it', async () => {
    const text = renderTerminalSummary(hotShardSummary(), {
      ...OPTIONS,
      kplNames: true,
      folder: FOLDER,
    });
    await expect(`${text}\n`).toMatchFileSnapshot('golden/terminal-summary.txt');
  });

  it('keeps every line within 80 columns, in colour and at many shards', () => {
    const base = hotShardSummary();
    const shard = base.shards[0];
    if (shard === undefined) throw new Error('the fixture has shards');
    const shards = Array.from({ length: 1_000 }, (_, i) => ({
      ...shard,
      id: `shardId-${String(i).padStart(12, '0')}`,
      throttled: 123_456_789,
    }));
    const name =
      'a name that is much longer than the line of a terminal can be, and then some more';
    const summary = { ...base, shards, run: { ...base.run, name } };
    for (const color of [false, true]) {
      const lines = renderTerminalSummary(summary, { ...OPTIONS, color }).split('\n');
      expect(lines.filter((line) => visibleWidth(line) > 80)).toEqual([]);
      expect(lines.length).toBeLessThan(90);
    }
  });

  it('keeps the columns of a table of phases apart at a million records a second', () => {
    const base = hotShardSummary();
    const [phase] = base.phases;
    if (phase === undefined) throw new Error('the fixture has phases');
    const rates = { offeredPerSecond: 1_000_000, acceptedPerSecond: 12_345_678 };
    const fast = { ...phase, name: 'fast', userRecords: { ...phase.userRecords, ...rates } };
    const text = renderTerminalSummary({ ...base, phases: [phase, fast] }, OPTIONS);
    expect(text).toMatch(/fast +1,000,000\/s +12,345,678\/s +\d/);
  });

  it('writes no escape code without colour', () => {
    expect(renderTerminalSummary(hotShardSummary(), OPTIONS)).not.toContain('\u001b');
    expect(renderTerminalSummary(hotShardSummary(), { ...OPTIONS, color: true })).toContain(
      '\u001b',
    );
  });

  it('puts an invalid run first, with reason and remedy', () => {
    const reason = 'the generator was late: lateness p99 was 41 ms, limit 2 ms';
    const summary = { ...hotShardSummary(), valid: false, invalidReasons: [reason] };
    const text = renderTerminalSummary(summary, OPTIONS);
    expect(text.indexOf('INVALID')).toBeLessThan(text.indexOf('Load'));
    expect(text).toContain(`✘ ${reason}`);
    expect(text).toContain('→ Lower the rate, raise load.workers');
  });

  it('refuses percentiles that rest on fewer than ten values', () => {
    const text = renderTerminalSummary(smallRun(), OPTIONS);
    expect(text).toContain(
      'records: p95 needs 80 more, p99 needs 880 more, p99.9 needs 9,880 more',
    );
    const row = text.split('\n').find((line) => line.startsWith('  response '));
    expect(row?.match(/n\/a/g)).toHaveLength(3);
  });

  it('says so when nothing was accepted, sent or refused', () => {
    const base = hotShardSummary();
    const attempts = { ...base.attempts, throttled: 0, internalFailure: 0, unknown: 0 };
    const summary = {
      ...base,
      attempts,
      requests: { ...base.requests, failed: 0 },
      kinesisRecords: { ...base.kinesisRecords, sent: 0 },
      latency: { ...base.latency, response: emptyLatency() },
      shards: [],
      thresholds: [],
      cost: null,
    };
    const text = renderTerminalSummary(summary, { ...OPTIONS, folder: null });
    expect(text).toContain('no data: no record was accepted');
    expect(text).toContain('nothing was sent');
    expect(text).toMatch(/none in [\d,]+ attempts/);
    expect(text).not.toMatch(/NaN|undefined|Infinity|Shards|Cost|Thresholds/);
  });

  it('lets no name drive the terminal', () => {
    const base = hotShardSummary();
    const summary = { ...base, run: { ...base.run, name: 'a\u001b[2Jb' } };
    expect(renderTerminalSummary(summary, OPTIONS)).not.toContain('\u001b');
  });
});
