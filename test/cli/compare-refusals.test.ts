import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseUncounted } from '../../src/cli/compare-refusals.ts';
import type { RunInput } from '../../src/report/comparison/input.ts';
import { madeUpRuns } from '../report/comparison/made-up-runs.ts';

describe('what compare refuses unless it is forced', () => {
  let out = '';
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'compare-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  /** Two runs a variant, in folders under `results/`; those in `broken` are invalid. */
  function stored(broken: readonly number[]): RunInput[] {
    const variants = [{ name: 'base' }, { name: 'fast' }];
    return madeUpRuns({ variants, blocks: 2, noise: 0.01 }).map((run, i) => {
      const folder = join(out, 'results', `run-${i}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'summary.json'), '');
      const invalid = { valid: false, invalidReasons: ['The generator was late.'] };
      const summary = broken.includes(i) ? { ...run.summary, ...invalid } : run.summary;
      return { ...run, folder, summary };
    });
  }

  it('is nothing where all runs count, or a folder of runs holds one that does not', () => {
    expect(() => refuseUncounted([join(out, 'results')], stored([]))).not.toThrow();
    expect(() => refuseUncounted([join(out, 'results')], stored([3]))).not.toThrow();
  });

  it.each(['', 'summary.json'])('is an invalid run that was named itself: %j', (file) => {
    const runs = stored([3]);
    const words = [0, 1, 3].map((i) => join(out, 'results', `run-${i}`, file));
    expect(() => refuseUncounted(words, runs)).toThrow(
      'run-3 cannot be compared: it is invalid: The generator was late.',
    );
  });

  it('is an interrupted run that was named itself', () => {
    const runs = stored([]).map((run, i) =>
      i === 0 ? { ...run, summary: { ...run.summary, status: 'interrupted' as const } } : run,
    );
    const words = [join(out, 'results', 'run-0'), join(out, 'results', 'run-1')];
    expect(() => refuseUncounted(words, runs)).toThrow('it is interrupted before its end');
  });

  it('is a variant of which nothing would be left', () => {
    expect(() => refuseUncounted([join(out, 'results')], stored([1, 3]))).toThrow(
      'variant "fast" cannot be compared: none of its 2 runs counts; the first is invalid',
    );
  });
});
