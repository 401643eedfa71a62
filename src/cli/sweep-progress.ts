/** A sweep in words: its plan before it starts, and how far it has come while it runs. */
import { formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import { formatUsd } from '../plan/cost.ts';
import { defaultPrices, type PriceList } from '../plan/prices.ts';
import { alphaOf, blocksForVerdict } from '../report/comparison/effects.ts';
import { comparedMetrics } from '../report/comparison/metrics.ts';
import { plural } from '../report/view-model.ts';
import type { Summary } from '../results/summary.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Output } from './command.ts';
import { runsCostUsd } from './confirm-cost.ts';
import { blocksPlanned, looksOf, type SweepFile, slotsLeft } from './sweep-file.ts';
import { extendedFile, type SweepPlan } from './sweep-plan.ts';

/** Starting threads and target, settling the last records, writing the folder: seen to be about this long. */
const OVERHEAD_US = 1_500_000;

function runUs({ load }: Plan): number {
  return load.phases.reduce((sum, { durationUs }) => sum + durationUs, 0);
}

/** How long the runs that are not done will take. */
function leftUs({ file, plans, coolDownUs }: SweepPlan, overheadUs = OVERHEAD_US): number {
  return slotsLeft(file).reduce((sum, { variant }) => {
    const plan = plans.get(variant);
    return sum + (plan === undefined ? 0 : runUs(plan)) + overheadUs + coolDownUs;
  }, 0);
}

/** The plan with its duration and cost, as text or as one JSON document; ends with a line break. */
export function describeSweep(
  sweep: SweepPlan,
  isJson: boolean,
  prices: PriceList = defaultPrices(),
): string {
  const left = slotsLeft(sweep.file);
  const plans = slotsLeft(extendedFile(sweep.file) ?? sweep.file).flatMap(
    ({ variant }) => sweep.plans.get(variant) ?? [],
  );
  const usd = runsCostUsd(plans, prices);
  const isPaid = plans.some(({ target }) => target.kind === 'aws');
  if (isJson) {
    const document = {
      folder: sweep.folder,
      runs: left.length,
      durationMs: leftUs(sweep) / 1000,
      durationMsMax: leftUs({ ...sweep, file: extendedFile(sweep.file) ?? sweep.file }) / 1000,
      costUsd: isPaid ? usd : 0,
      costOnAwsUsd: usd,
      priceListDate: prices.date,
      notes: notesOf(sweep),
      sweep: sweep.file,
    };
    return `${JSON.stringify(document, null, 2)}\n`;
  }
  const { file } = sweep;
  const done = file.order.length - left.length;
  const all = extendedFile(file);
  const atMost =
    all === null
      ? ''
      : `, ${formatDurationUs(leftUs({ ...sweep, file: all }))} if it goes on to ${all.blocksMax} blocks`;
  const dated = `${formatUsd(usd)} (prices of ${prices.date})`;
  const cost = isPaid ? `up to ${dated}` : `nothing here; the same against AWS up to ${dated}`;
  const lines = [
    `${file.name}: ${plural(file.variants.length, 'variant')} × ${plural(blocksPlanned(file), 'block')} = ${plural(file.order.length, 'run')}${done > 0 ? `, ${done} of them done` : ''}`,
    `  takes   about ${formatDurationUs(leftUs(sweep))}${atMost}`,
    `  costs   ${cost}`,
    ...file.variants.flatMap((variant, i) => variantLines(variant, i, file)),
    ...orderLines(file),
    ...notesOf(sweep).map((note) => `  note: ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}

function variantLines(
  { name, set }: SweepFile['variants'][number],
  index: number,
  { baseline }: SweepFile,
): string[] {
  const isBaseline = name === baseline ? '  (baseline)' : '';
  return [`  ${letterOf(index)}  ${name}${isBaseline}`, ...set.map((change) => `       ${change}`)];
}

/** `a` … `z`, then `27`, `28` …: short names for the order. */
function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : String(index + 1);
}

function orderLines(file: SweepFile): string[] {
  const { order, seed, variants } = file;
  const letters = new Map(variants.map(({ name }, i) => [name, letterOf(i)]));
  const lines = Array.from({ length: blocksPlanned(file) }, (_, i) => {
    const slots = order.filter(({ block }) => block === i + 1);
    const names = slots.map(
      ({ variant, isValid }) => `${letters.get(variant)}${isValid ? '✓' : ''}`,
    );
    return `    block ${i + 1}: ${names.join(' ')}`;
  });
  return [`  order, drawn from seed ${seed}:`, ...lines];
}

function notesOf(sweep: SweepPlan): string[] {
  const { blocks, baseline } = sweep.file;
  const primary = comparedMetrics(sweep.plans.get(baseline)?.primary ?? [], {}).filter(
    ({ isPrimary }) => isPrimary,
  ).length;
  const needed = blocksForVerdict(primary, alphaOf(looksOf(sweep.file)));
  const few =
    blocks < needed
      ? [
          `${plural(blocks, 'block')} ${blocks === 1 ? 'gives' : 'give'} estimates only: ${plural(primary, 'primary metric')} need${primary === 1 ? 's' : ''} ${needed} for verdicts, --blocks ${Math.max(8, needed)} is good`,
        ]
      : [];
  const isOnDemand = [...sweep.plans.values()].some(
    ({ target }) => target.kind === 'aws' || target.kind === 'endpoint',
  );
  const state = 'an on-demand stream keeps its scaling from run to run: use a provisioned one';
  return [...sweep.notes, ...few, ...(isOnDemand ? [state] : [])];
}

/** One line before and after each run. */
export class SweepProgress {
  readonly #sweep: SweepPlan;
  readonly #output: Output | null;
  #startedMs = 0;
  #doneUs = 0;
  #spentMs = 0;
  #done = 0;

  /** @param output null: quiet */
  constructor(sweep: SweepPlan, output: Output | null) {
    this.#sweep = sweep;
    this.#output = output;
  }

  begins(index: number): void {
    this.#startedMs = performance.now();
    const { order } = this.#sweep.file;
    const { block, variant } = order[index] ?? { block: 0, variant: '' };
    const share = formatPercent(index / order.length);
    this.#say(`run ${index + 1} of ${order.length} · ${share} · block ${block} · ${variant}`);
  }

  ended(index: number, summary: Summary): void {
    const { file, plans, coolDownUs } = this.#sweep;
    const plan = plans.get(file.order[index]?.variant ?? '');
    this.#done++;
    this.#spentMs += performance.now() - this.#startedMs;
    this.#doneUs += plan === undefined ? 0 : runUs(plan);
    const overheadUs = (this.#spentMs * 1000 - this.#doneUs) / this.#done;
    const rest = { file: { ...file, order: file.order.slice(index + 1) }, plans, coolDownUs };
    const left = leftUs({ ...this.#sweep, ...rest }, overheadUs);
    const { response } = summary.latency;
    this.#say(
      [
        `  ${summary.valid ? summary.status : 'INVALID, not counted'}`,
        `accepted ${formatCount(summary.userRecords.acceptedPerSecond)}/s`,
        `p99 ${response.p99 === null ? '-' : formatDurationUs(response.p99)}`,
        left > 0 ? `about ${formatDurationUs(left)} left` : 'the last',
      ].join(' · '),
    );
  }

  #say(line: string): void {
    this.#output?.write(`${line}\n`);
  }
}
