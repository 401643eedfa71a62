import { describe, expect, it } from 'vitest';
import { LiveView } from '../../src/report/live/view.ts';
import { hotShardTimeline } from '../fixtures/hot-shard-run.ts';

const PLAN = { name: 'clickstream', phases: [{ name: 'hold', startMs: 0, endMs: 100_000 }] };

function view(isTerminal: boolean) {
  const writes: string[] = [];
  const stream = { columns: 80, rows: 24, write: (text: string) => writes.push(text) };
  return { writes, live: new LiveView({ plan: PLAN, stream, isTerminal, color: false }) };
}

describe('live view', () => {
  it('writes a line in five seconds on a pipe, without escape codes', () => {
    const { live, writes } = view(false);
    for (const row of hotShardTimeline().slice(0, 12)) live.interval([row]);
    live.warn('hot');
    live.warn('hot');
    live.stage('draining');
    live.print('done');
    live.close();
    expect(writes.map((text) => text.slice(0, 14))).toEqual([
      '5/100 s hold ·',
      '10/100 s hold ',
      '! hot\n',
      '12/100 s drain',
      'done\n',
    ]);
    expect(writes.join('')).not.toContain('\u001b');
  });

  it('draws each second on a terminal, and gives the cursor back', () => {
    const { live, writes } = view(true);
    for (const row of hotShardTimeline().slice(0, 3)) live.interval([row]);
    live.warn('hot');
    live.stage('stopping');
    expect(writes).toHaveLength(5);
    expect(writes[0]).toContain('\u001b[?25l');
    expect(writes.at(-1)).toContain('stopping');
    expect(writes.at(-1)).toContain('! hot');
    live.print('one more');
    live.close();
    live.interval(hotShardTimeline().slice(3, 4));
    expect(writes.at(-1)).toBe('\n\u001b[?25h');
  });
});
