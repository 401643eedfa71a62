import { describe, expect, it } from 'vitest';
import type { RunInput } from '../../../src/report/comparison/input.ts';
import {
  concludeSeries,
  invalidSeries,
  suspectsOf,
  worstVerdict,
} from '../../../src/report/gate/conclude.ts';
import { confirmByBlocks, confirmByNights } from '../../../src/report/gate/confirm.ts';
import type { Confirmation, GateReport, SeriesReport } from '../../../src/report/gate/gate.ts';
import { judgeNight, type Tonight } from '../../../src/report/gate/judge.ts';
import { gateSuites } from '../../../src/report/gate/junit.ts';
import { renderGateMarkdown } from '../../../src/report/gate/markdown.ts';
import { renderTerminalGate } from '../../../src/report/gate/terminal.ts';
import { renderJunit } from '../../../src/report/text/junit.ts';
import { fingerprintOf } from '../../../src/results/fingerprint.ts';
import type { Night } from '../../../src/results/history.ts';
import { ACCEPTED, ENVIRONMENT, flatNights, night, P99, runOf, SCENARIO } from './nights.ts';

const METRICS = [P99, ACCEPTED];

function tonightOf(...p99Ms: readonly number[]): Tonight {
  const runs = p99Ms.map((value, i) => runOf(100 + i, value));
  const fingerprint = fingerprintOf(runs[0] ?? runOf(100, 0), ENVIRONMENT, SCENARIO);
  return { runs, fingerprint };
}

function judge(nights: readonly Night[], tonight: Tonight) {
  return judgeNight(tonight, { nights, unreadable: [] }, METRICS);
}

function series(
  nights: readonly Night[],
  tonight: Tonight,
  confirmation: Confirmation | null = null,
  accepted: string | null = null,
): SeriesReport {
  const judgement = judge(nights, tonight);
  return concludeSeries({ name: 'nightly', tonight, judgement, confirmation, accepted });
}

const CONFIRMED: Confirmation = {
  way: 'blocks',
  runs: 8,
  baselineCommand: 'old',
  folder: '/results/gate',
  problem: null,
  metrics: [
    {
      path: P99.path,
      scale: 'ratio',
      estimate: 1.2,
      interval: [1.15, 1.25],
      confidence: 0.98,
      isProven: true,
    },
  ],
};
const REFUTED: Confirmation = {
  ...CONFIRMED,
  metrics: [
    {
      path: P99.path,
      scale: 'ratio',
      estimate: 1,
      interval: [0.9, 1.1],
      confidence: 0.98,
      isProven: false,
    },
  ],
};

describe('the verdict of a night', () => {
  it('is pass for a night like the others', () => {
    expect(series(flatNights(12), tonightOf(101))).toMatchObject({ verdict: 'pass', nights: 12 });
  });

  it('takes the median over the runs of a night', () => {
    const [p99] = judge(flatNights(12), tonightOf(100, 500, 101)).metrics;
    expect(p99).toMatchObject({ value: 101_000, state: 'steady' });
  });

  it('is a suspicion until it is confirmed, then a regression; refuted, it is a pass', () => {
    const nights = flatNights(12);
    const slow = tonightOf(120);
    expect(suspectsOf(judge(nights, slow)).map(({ path }) => path)).toEqual([P99.path]);
    expect(series(nights, slow).verdict).toBe('suspected');
    expect(series(nights, slow, CONFIRMED).verdict).toBe('regression');
    expect(series(nights, slow, REFUTED).verdict).toBe('pass');
    expect(series(nights, slow, { ...REFUTED, problem: 'no valid run' }).verdict).toBe('suspected');
    expect(series(nights, slow, null, 'larger batches').verdict).toBe('pass');
  });

  it('is an improvement only at a change point', () => {
    const nights = [...flatNights(12), night(13, 80), night(14, 81)];
    expect(series(nights, tonightOf(79)).verdict).toBe('improvement');
    expect(series(flatNights(8), tonightOf(80)).verdict).toBe('pass');
  });

  it('knows which way is better', () => {
    const nights = flatNights(12);
    const fewer = { ...tonightOf(100), runs: [runOf(100, 100, 900)] };
    expect(suspectsOf(judge(nights, fewer)).map(({ path }) => path)).toEqual([ACCEPTED.path]);
  });

  it('is open while there are few nights, or none like it', () => {
    expect(series(flatNights(4), tonightOf(100)).verdict).toBe('not enough history');
    expect(series([], tonightOf(100)).verdict).toBe('not enough history');
    const other = { ...ENVIRONMENT, machine: { ...ENVIRONMENT.machine, cpuModel: 'Other CPU' } };
    const elsewhere = flatNights(12).map(({ number }) =>
      night(number, 100, { environment: other }),
    );
    const report = series(elsewhere, tonightOf(100));
    expect(report).toMatchObject({ verdict: 'not comparable', nights: 0 });
    expect(report.sentence).toContain('machine was Other CPU');
  });

  it('does not let a regression become the level, and begins anew at an accepted one', () => {
    const slow = [13, 14, 15, 16].map((day) => night(day, 130, { verdict: 'regression' }));
    expect(series([...flatNights(12), ...slow], tonightOf(130))).toMatchObject({
      verdict: 'suspected',
      nights: 12,
    });
    const accepted = night(17, 130, { accepted: 'meant' });
    expect(series([...flatNights(12), ...slow, accepted], tonightOf(130))).toMatchObject({
      verdict: 'not enough history',
      nights: 1,
    });
  });

  it('does not hold a run against itself', () => {
    const tonight = tonightOf(100);
    const recorded = night(13, 100, { runs: tonight.runs });
    expect(series([...flatNights(12), recorded], tonight).nights).toBe(12);
  });

  it('is the worst of its series', () => {
    const of = (verdict: SeriesReport['verdict']) => ({ ...series([], tonightOf(1)), verdict });
    expect(worstVerdict([of('pass'), of('regression'), of('invalid')])).toBe('regression');
    expect(worstVerdict([of('improvement'), of('pass')])).toBe('pass');
    expect(worstVerdict([of('not enough history'), of('suspected')])).toBe('suspected');
  });
});

/** A run of a confirmation; of a blocks', in the order of the blocks. */
function input(p99Ms: number): RunInput {
  return {
    folder: '',
    summary: runOf(100, p99Ms),
    environment: ENVIRONMENT,
    scenario: SCENARIO,
    timeline: [],
    response: null,
    variant: '',
    block: null,
  };
}

describe('a confirmation', () => {
  const suspects = suspectsOf(judge(flatNights(12), tonightOf(120)));
  const old = [100, 103, 97, 101, 99, 102, 98, 100];

  it('by blocks holds when every block says so', () => {
    const now = old.map((value) => input(value * 1.2));
    const [found] = confirmByBlocks(suspects, old.map(input), now);
    expect(found).toMatchObject({ path: P99.path, isProven: true });
    expect(found?.estimate).toBeCloseTo(1.2, 6);
  });

  it('by blocks does not hold for the same program, for the better, within the margin, or too few', () => {
    const proven = (factor: number, count = 8) =>
      confirmByBlocks(
        suspects,
        old.slice(0, count).map(input),
        old
          .slice(0, count)
          .map((value, i) => input(value * factor * (i % 2 === 0 ? 1.001 : 0.999))),
      )[0]?.isProven;
    expect(proven(1)).toBe(false);
    expect(proven(0.8)).toBe(false);
    expect(proven(1.03)).toBe(false);
    expect(proven(1.2, 6)).toBe(false);
    expect(proven(1.2, 7)).toBe(true);
  });

  it('by nights holds for a lasting change, not for an accident of one run', () => {
    const runs = (around: number) => old.map((value) => runOf(100, (value * around) / 100));
    expect(confirmByNights(suspects, runs(120))[0]?.isProven).toBe(true);
    expect(confirmByNights(suspects, runs(100))[0]?.isProven).toBe(false);
    expect(confirmByNights(suspects, runs(80))[0]?.isProven).toBe(false);
  });
});

describe('a gate in words', () => {
  const report = (one: SeriesReport): GateReport => ({
    schema: 'shardstorm.gate/1',
    createdAt: '2026-11-23T00:00:00Z',
    history: '/nightly',
    verdict: one.verdict,
    series: [one],
    notes: ['a | note'],
  });
  const regression = report(series(flatNights(12), tonightOf(120), CONFIRMED));

  it('says the same in the terminal and in the step summary', () => {
    const text = renderTerminalGate(regression, { width: 80, color: false, files: ['gate.xml'] });
    expect(text).toContain('✘ regression  nightly');
    expect(text.split('\n').every((line) => [...line].length <= 80)).toBe(true);
    const markdown = renderGateMarkdown(regression);
    for (const part of ['regression', '+20', 'beyond the margin of 5']) {
      expect(text).toContain(part);
      expect(markdown).toContain(part);
    }
    expect(markdown).toContain('a \\| note');
  });

  it('is a failed case for each confirmed metric only', () => {
    const xml = renderJunit('gate', gateSuites(regression));
    expect(xml).toContain('tests="2" failures="1" errors="0" skipped="0"');
    expect(xml).toContain('measured again: +20');
    const waiting = renderJunit('gate', gateSuites(report(series([], tonightOf(1)))));
    expect(waiting).toContain('failures="0" errors="0" skipped="2"');
    const runs = [{ ...runOf(1, 1), valid: false, invalidReasons: ['Too slow.'] }];
    const invalid = renderJunit('gate', gateSuites(report(invalidSeries('nightly', runs, ''))));
    expect(invalid).toContain('errors="1"');
    expect(invalid).toContain('Too slow.');
  });
});
