import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unreachable } from '../core/assert.ts';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { readPageScript } from '../report/html/page-script.ts';
import { renderHtmlReport } from '../report/html/render.ts';
import { renderSummaryCsv } from '../report/text/csv.ts';
import { renderJunit } from '../report/text/junit.ts';
import { renderMarkdown } from '../report/text/markdown.ts';
import { renderPrometheus } from '../report/text/prometheus.ts';
import { thresholdSuite } from '../report/threshold-cases.ts';
import { curveRanks } from '../report/timeline.ts';
import { RESULT_FILES } from '../results/folder.ts';
import { readResult, type StoredResult } from '../results/read.ts';
import { readHistogramLog, readLatencyHeat } from '../results/stored-histogram.ts';
import { readPercentiles } from '../results/stored-percentiles.ts';
import { readVerification } from '../results/verification-files.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { text, texts } from './flags.ts';
import { REPORT_FORMATS, type ReportFormat } from './report-formats.ts';

/** A rendered report: the name of its file, and what is in it. */
interface Rendered {
  readonly file: string;
  readonly content: string;
}

export async function renderResults(args: Arguments, io: CommandIo): Promise<number> {
  const formats = parseFormats(text(args, 'format') ?? 'html');
  const out = text(args, 'out');
  const results = resultsOnly(texts(args, 'result') ?? [], io).map(readResult);
  for (const format of formats) {
    for (const { file, content } of render(format, results)) {
      if (out !== undefined) say(io, write(join(out, outName(file)), content));
      else if (format === 'html') say(io, write(file, content));
      else io.stdout.write(content);
    }
  }
  return EXIT.ok;
}

/** `results/*` also names what is no result, such as a README: among several that is passed over. */
function resultsOnly(places: readonly string[], { stderr }: CommandIo): readonly string[] {
  if (places.length < 2) return places;
  return places.filter((place) => {
    const isOther = statSync(place, { throwIfNoEntry: false })?.isFile() === true;
    if (!isOther || basename(place) === RESULT_FILES.summary) return true;
    stderr.write(`note: ${place} is no result folder\n`);
    return false;
  });
}

function say({ stderr }: CommandIo, file: string): void {
  stderr.write(`wrote ${file}\n`);
}

/** In a folder of its own each file is named after its run. */
function outName(file: string): string {
  const parts = file.split('/');
  return parts.length === 1 ? file : `${parts.at(-2)}-${basename(file)}`;
}

function write(file: string, content: string): string {
  try {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
    return file;
  } catch (cause) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNWRITABLE',
      `cannot write ${file}: ${describeCause(cause)}`,
      { hint: 'Choose a folder that you may write to with --out.', cause },
    );
  }
}

function parseFormats(list: string): ReportFormat[] {
  return list.split(',').map((name) => {
    const format = REPORT_FORMATS.find((known) => known === name.trim());
    if (format !== undefined) return format;
    throw usageError(
      `--format ${JSON.stringify(name)} is not known${didYouMean(name, REPORT_FORMATS)}`,
      `The formats are ${REPORT_FORMATS.join(', ')}.`,
    );
  });
}

function render(format: ReportFormat, results: readonly StoredResult[]): Rendered[] {
  const each = (extension: string, renderOne: (result: StoredResult) => string) =>
    results.map((result) => ({
      file: join(result.path, `report.${extension}`),
      content: renderOne(result),
    }));
  switch (format) {
    case 'html':
      return each('html', (result) => renderPage(result));
    case 'markdown':
      return each('md', ({ summary }) => renderMarkdown(summary));
    case 'json':
      return each('json', ({ summary }) => `${JSON.stringify(summary, null, 2)}\n`);
    case 'prometheus':
      return each('prom', ({ summary }) => renderPrometheus(summary));
    case 'hlog':
      return results.map(({ path }) => {
        const file = join(path, RESULT_FILES.latency);
        return { file, content: readHistogramLog(path) };
      });
    case 'csv': {
      const content = renderSummaryCsv(results.map(({ summary }) => summary));
      return [{ file: 'summary.csv', content }];
    }
    case 'junit': {
      const content = renderJunit(
        'shardstorm',
        results.map(({ summary }) => thresholdSuite(summary)),
      );
      return [{ file: 'junit.xml', content }];
    }
    default:
      return unreachable(format);
  }
}

/** report.html of a stored result. */
export function renderPage(
  { path, summary, timeline, events, scenarioYaml, environment }: StoredResult,
  verification = readVerification(path),
) {
  const curves = readPercentiles(path).map(({ metric, count, valueAt }) => ({
    name: metric,
    points: curveRanks(count).map((rank) => ({ rank, valueUs: valueAt(rank) })),
  }));
  return renderHtmlReport(
    {
      summary,
      timeline,
      events,
      latencyHeat: readLatencyHeat(path),
      scenarioYaml,
      environment,
      curves,
      verification,
    },
    readPageScript(),
  );
}
