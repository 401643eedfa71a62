import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/report/comparison/analyse.ts';
import type { Comparison } from '../../../src/report/comparison/comparison.ts';
import {
  blocksForVerdict,
  effectsOf,
  runsForVerdict,
  sidesOf,
} from '../../../src/report/comparison/effects.ts';
import type { RunInput } from '../../../src/report/comparison/input.ts';
import { comparedMetrics } from '../../../src/report/comparison/metrics.ts';
import { comparisonSchema } from '../../../src/report/comparison/schema.ts';
import { madeUpRun, madeUpRuns } from './made-up-runs.ts';

const P99 = 'latency.response.p99';
const COST = 'cost.perMillionRecordsUsd';
const RATE = 'userRecords.acceptedPerSecond';
const FACTORS = { latency: 1, rate: 1, cost: 1, cpu: 1, order: 0, block: null };

function compare(runs: readonly RunInput[], options: { baseline?: string; force?: boolean } = {}) {
  return analyse({
    title: 'batching',
    runs,
    baseline: options.baseline ?? null,
    isForced: options.force ?? false,
    looks: 1,
    createdAt: '2026-11-23T15:00:00.000Z',
    seed: 1,
  });
}

function effect({ effects }: Comparison, variant: string, metric: string) {
  return effects.find((one) => one.variant === variant && one.metric === metric);
}

const TWO = [{ name: 'base' }, { name: 'fast', latency: 0.8, cost: 1.1 }];

describe('a comparison in blocks', () => {
  const comparison = compare(madeUpRuns({ variants: TWO, blocks: 8, noise: 0.01 }));

  it('finds what is better, what is worse and what is equivalent', () => {
    expect(effect(comparison, 'fast', P99)).toMatchObject({
      verdict: 'better',
      method: 'paired',
      n: 8,
    });
    expect(effect(comparison, 'fast', COST)).toMatchObject({ verdict: 'worse', isDifferent: true });
    expect(effect(comparison, 'fast', RATE)).toMatchObject({ verdict: 'equivalent' });
    expect(effect(comparison, 'fast', P99)?.estimate).toBeCloseTo(0.8, 1);
  });

  it('has the shape that its schema promises', () => {
    expect(comparisonSchema.parse(comparison)).toEqual(comparison);
  });

  it('is the same again for the same runs', () => {
    expect(compare(madeUpRuns({ variants: TWO, blocks: 8, noise: 0.01 }))).toEqual(comparison);
  });

  it('recommends what gains most over the primary metrics', () => {
    expect(comparison.recommendation.variant).toBe('fast');
    const dearer = [{ name: 'base' }, { name: 'dear', cost: 1.5, latency: 0.97 }];
    const kept = compare(madeUpRuns({ variants: dearer, blocks: 8, noise: 0.01 }));
    expect(kept.recommendation).toEqual({
      variant: 'base',
      sentence: 'Keep base: no variant was shown to be better.',
    });
  });

  it('recommends nothing that broke a threshold', () => {
    const runs = madeUpRuns({ variants: TWO, blocks: 8, noise: 0.01 }).map((run) => {
      const broken = { expression: 'throttle < 1%', actual: 1, held: false, note: '' };
      const thresholds = run.variant === 'fast' ? [broken] : [];
      return { ...run, summary: { ...run.summary, thresholds } };
    });
    const judged = compare(runs);
    expect(judged.recommendation.variant).toBe('base');
    expect(judged.variants[1]?.thresholds).toEqual({ held: 0, of: 8 });
  });

  it('shifts percentiles by what was done to them, within their bands', () => {
    const shifts = comparison.variants.find(({ name }) => name === 'fast')?.shifts ?? [];
    const median = shifts.find(({ percentile }) => percentile === 50);
    expect(median?.us).toBeLessThan(-3_000);
    expect(median?.low).toBeLessThanOrEqual(median?.us ?? 0);
    expect(median?.high).toBeGreaterThanOrEqual(median?.us ?? 0);
  });

  it('puts the baseline first and the rest as people count', () => {
    const variants = ['400ms', '50ms', '100ms'].map((name) => ({ name }));
    const ordered = compare(madeUpRuns({ variants, blocks: 6, noise: 0.01 }), {
      baseline: '100ms',
    });
    expect(ordered.variants.map(({ name }) => name)).toEqual(['100ms', '50ms', '400ms']);
  });
});

describe('too few runs', () => {
  it('are estimates only below six blocks', () => {
    const comparison = compare(madeUpRuns({ variants: TWO, blocks: 5, noise: 0.001 }));
    expect(comparison.design).toMatchObject({ isEstimateOnly: true, blocks: 5, blocksMin: 7 });
    expect(effect(comparison, 'fast', P99)).toMatchObject({ verdict: 'estimate', interval: null });
  });

  it('ask for a seventh block where three primary metrics are judged at once', () => {
    const comparison = compare(madeUpRuns({ variants: TWO, blocks: 6, noise: 0.001 }));
    expect(effect(comparison, 'fast', P99)).toMatchObject({
      verdict: 'inconclusive',
      moreBlocks: 1,
    });
    expect(effect(comparison, 'fast', P99)?.interval).not.toBeNull();
    expect([1, 2, 3, 4].map((metrics) => blocksForVerdict(metrics))).toEqual([6, 7, 7, 8]);
    expect([1, 2, 3].map((metrics) => runsForVerdict(metrics))).toEqual([4, 5, 5]);
  });
});

describe('runs without blocks', () => {
  it('are compared unpaired', () => {
    const comparison = compare(
      madeUpRuns({ variants: TWO, blocks: 8, noise: 0.01, isPaired: false }),
    );
    expect(comparison.design).toMatchObject({ isPaired: false, blocks: 8 });
    expect(effect(comparison, 'fast', P99)).toMatchObject({
      verdict: 'better',
      method: 'unpaired',
    });
  });

  it('are estimates below four of each, and without verdict on three metrics at four', () => {
    const loose = (blocks: number) =>
      compare(madeUpRuns({ variants: TWO, blocks, noise: 0.001, isPaired: false }));
    expect(loose(3).design).toMatchObject({ isEstimateOnly: true, blocksMin: 5 });
    expect(effect(loose(3), 'fast', P99)).toMatchObject({ verdict: 'estimate', moreBlocks: 2 });
    expect(effect(loose(4), 'fast', P99)).toMatchObject({ verdict: 'inconclusive', moreBlocks: 1 });
    expect(effect(loose(5), 'fast', P99)).toMatchObject({ verdict: 'better' });
  });

  it('are told of when they were made one after the other', () => {
    const runs = ['before', 'after'].flatMap((name, i) =>
      [0, 1, 2, 3].map((k) => madeUpRun({ name }, { ...FACTORS, order: 4 * i + k })),
    );
    expect(compare(runs).differences).toMatchObject([{ kind: 'design', isConfounded: true }]);
  });
});

describe('runs that do not count', () => {
  const runs = madeUpRuns({ variants: TWO, blocks: 7, noise: 0.01 }).map((run, i) =>
    i === 3
      ? {
          ...run,
          summary: { ...run.summary, valid: false, invalidReasons: ['The generator was late.'] },
        }
      : run,
  );

  it('are left out, and named with the reason', () => {
    const comparison = compare(runs);
    expect(comparison.excluded).toEqual([
      {
        run: runs[3]?.summary.run.id,
        variant: 'fast',
        reason: 'invalid: The generator was late.',
      },
    ]);
    expect(effect(comparison, 'fast', P99)?.n).toBe(6);
  });

  it('count by force, which the comparison says', () => {
    const comparison = compare(runs, { force: true });
    expect(comparison.design.isForced).toBe(true);
    expect(effect(comparison, 'fast', P99)?.n).toBe(7);
  });

  it('leave nothing to compare when one variant has no other', () => {
    const invalid = runs.map((run) =>
      run.variant === 'fast' ? { ...run, summary: { ...run.summary, valid: false } } : run,
    );
    expect(() => compare(invalid)).toThrow(
      'all runs that can be counted are of the variant "base"',
    );
    expect(() => compare(runs, { baseline: 'bsae' })).toThrow('did you mean "base"?');
  });
});

describe('metrics', () => {
  it('compare by difference where a value is zero', () => {
    const runs = madeUpRuns({ variants: TWO, blocks: 8, noise: 0.01 }).map((run) => {
      const throttle = run.variant === 'base' ? 0 : 0.2;
      return { ...run, summary: { ...run.summary, rates: { ...run.summary.rates, throttle } } };
    });
    expect(effect(compare(runs), 'fast', 'rates.throttle')).toMatchObject({
      scale: 'difference',
      estimate: 0.2,
      verdict: 'worse',
    });
  });

  it('are those the scenario declares, with its margins', () => {
    const runs = madeUpRuns({ variants: TWO, blocks: 8, noise: 0.01 }).map((run) => ({
      ...run,
      scenario: { ...run.scenario, primary: [COST], margin: { [COST]: 0.5 } },
    }));
    const comparison = compare(runs);
    expect(comparison.metrics[0]).toMatchObject({ path: COST, isPrimary: true, margin: 0.5 });
    expect(comparison.metrics.filter(({ isPrimary }) => isPrimary)).toHaveLength(1);
    expect(effect(comparison, 'fast', COST)).toMatchObject({
      verdict: 'equivalent',
      isDifferent: true,
    });
  });

  it('are left out where a percentile has too few values', () => {
    const runs = madeUpRuns({ variants: TWO, blocks: 6, noise: 0.01 }).map((run) => {
      const response = { ...run.summary.latency.response, count: 50 };
      const latency = { ...run.summary.latency, response };
      return { ...run, summary: { ...run.summary, latency } };
    });
    expect(effect(compare(runs), 'fast', P99)).toBeUndefined();
  });
});

describe('differences', () => {
  const runs = madeUpRuns({ variants: TWO, blocks: 6, noise: 0.01 });
  const withNode = (run: RunInput, node: string): RunInput => ({
    ...run,
    environment: { ...run.environment, runtime: { ...run.environment.runtime, node } },
  });

  it('that go along with the variants stand first', () => {
    const mixed = runs.map((run) => withNode(run, run.variant === 'fast' ? '24.1.0' : '20.19.2'));
    expect(compare(mixed).differences[0]).toEqual({
      kind: 'versions',
      what: 'Node.js',
      values: [
        { value: '20.19.2', where: 'base' },
        { value: '24.1.0', where: 'fast' },
      ],
      isConfounded: true,
    });
  });

  it('that do not are told of all the same', () => {
    const mixed = runs.map((run, i) => withNode(run, i < 4 ? '24.1.0' : '20.19.2'));
    expect(compare(mixed).differences[0]).toMatchObject({ what: 'Node.js', isConfounded: false });
  });

  it('within a variant are no setting of it', () => {
    const mixed = runs.map((run, i) => ({
      ...run,
      scenario: { ...run.scenario, producer: { maxBufferedTime: i === 0 ? '1s' : '2s' } },
    }));
    expect(compare(mixed).differences[0]).toMatchObject({
      what: 'producer.maxBufferedTime, within a variant',
    });
  });

  it('of load are told of outside a sweep only', () => {
    const scenarioOf = (run: RunInput) => ({
      ...run.scenario,
      load: { producers: run.variant === 'fast' ? 8 : 2 },
    });
    const sweep = runs.map((run) => ({ ...run, scenario: scenarioOf(run) }));
    expect(compare(sweep).differences).toEqual([]);
    expect(compare(sweep).variants[1]?.settings).toEqual({ 'load.producers': '8' });
    const loose = sweep.map((run) => ({ ...run, block: null }));
    expect(compare(loose).differences).toMatchObject([{ kind: 'load', what: 'load.producers' }]);
  });
});

describe('operating characteristics of the whole', () => {
  const metrics = comparedMetrics([], {});

  function primaryVerdicts(seed: number, variant: { latency?: number }) {
    const variants = [{ name: 'a' }, { name: 'b', ...variant }];
    const runs = madeUpRuns({ variants, blocks: 8, noise: 0.03, seed });
    const [a, b] = ['a', 'b'].map((name) => runs.filter((run) => run.variant === name));
    return effectsOf('b', sidesOf(a ?? [], b ?? []), metrics).filter(({ metric }) =>
      metrics.some(({ path, isPrimary }) => path === metric && isPrimary),
    );
  }

  it('A against A: any of three primary metrics called different in at most 5 %', () => {
    const trials = 1000;
    let alarms = 0;
    for (let seed = 1; seed <= trials; seed++) {
      if (primaryVerdicts(seed, {}).some(({ isDifferent }) => isDifferent)) alarms++;
    }
    expect(alarms / trials).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials));
    expect(alarms).toBeGreaterThan(0);
  });

  it('10 % more p99 at 3 % noise: found in at least 98 % at 8 blocks though three metrics are judged at once', () => {
    const trials = 1000;
    let found = 0;
    for (let seed = 1; seed <= trials; seed++) {
      const p99 = primaryVerdicts(seed, { latency: 1.1 }).find(({ metric }) => metric === P99);
      if (p99?.isDifferent === true) found++;
    }
    expect(found / trials).toBeGreaterThanOrEqual(0.98);
  });
});
