/** What a comparison leaves behind: its data, its page, and the setting to take. */
import { join } from 'node:path';
import type { Comparison } from '../report/comparison/comparison.ts';
import type { RunInput } from '../report/comparison/input.ts';
import { renderMarkdownComparison } from '../report/comparison/markdown.ts';
import { renderComparisonPage } from '../report/comparison/page.ts';
import { readPageScript } from '../report/html/page-script.ts';
import { redact, redactedJson } from '../results/redact.ts';
import { writeWholeFile } from '../results/write.ts';
import { SWEEP_TAGS } from './compare-inputs.ts';
import { kplProperties, recommendedScenario } from './recommended.ts';

/** Files of a comparison, in the folder that it is written to. */
const COMPARISON_FILES = {
  data: 'comparison.json',
  page: 'comparison.html',
  markdown: 'comparison.md',
  scenario: 'recommended.yaml',
  kpl: 'recommended.properties',
} as const;

/**
 * Writes a comparison, each file whole.
 * @param folder made if missing
 * @returns paths of what was written
 * @throws SHARDSTORM_RESULTS_UNWRITABLE
 */
export function writeComparison(
  folder: string,
  comparison: Comparison,
  runs: readonly RunInput[],
): string[] {
  const setting = recommendedSetting(comparison, runs);
  const files: [string, string][] = [
    [COMPARISON_FILES.page, redact(renderComparisonPage(comparison, runs, readPageScript()))],
    [COMPARISON_FILES.markdown, redact(renderMarkdownComparison(comparison))],
    [COMPARISON_FILES.data, `${redactedJson(comparison, 2)}\n`],
    ...(setting === null
      ? []
      : ([
          [COMPARISON_FILES.scenario, redact(setting.scenario)],
          [COMPARISON_FILES.kpl, redact(setting.kpl)],
        ] satisfies [string, string][])),
  ];
  return files.map(([name, text]) => {
    const path = join(folder, name);
    writeWholeFile(path, text, 'the comparison');
    return path;
  });
}

function recommendedSetting(
  { recommendation, title }: Comparison,
  runs: readonly RunInput[],
): { readonly scenario: string; readonly kpl: string } | null {
  const run = runs.find(({ variant }) => variant === recommendation.variant);
  if (run === undefined) return null;
  const reason = `Recommended by the comparison "${title}":\n${recommendation.sentence}`;
  return {
    scenario: recommendedScenario(run.scenario, Object.values(SWEEP_TAGS), reason),
    kpl: kplProperties(run.scenario, reason),
  };
}
