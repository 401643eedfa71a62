/** The forest plot: for each metric a panel, for each variant a dot and its interval over the band that would not matter. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData, ForestPanel } from '../comparison/chart-data.ts';
import { NARROW, type Place, TIP } from './axes.ts';
import { labelRoom, PLAIN, panels, shortened } from './variants.ts';

type Row = ForestPanel['rows'][number];

const VERDICT_COLORS: Readonly<Record<Row['verdict'], string>> = {
  better: 'var(--good)',
  worse: 'var(--bad)',
  equivalent: 'var(--c-accepted)',
  different: 'var(--warn)',
  inconclusive: 'var(--muted)',
  estimate: 'var(--muted)',
};
/** Room on the right for the verdict's word. */
const WORD_MARGIN = 96;

/** Draws all panels. */
export function forest(data: ComparisonData, place: Place): Element {
  const titles = data.forest.map(
    ({ metric, better }) => `${metric} (${better === 'higher' ? 'more' : 'less'} is better)`,
  );
  const box = panels({ ...place, width: Math.min(place.width, 2 * NARROW - 1) }, titles, (i) =>
    panel(data, data.forest[i] as ForestPanel, place),
  );
  box.style.gridTemplateColumns = 'minmax(0, 1fr)';
  return box;
}

function panel(
  data: ComparisonData,
  { rows, margin, isRatio }: ForestPanel,
  place: Place,
): Element {
  const isNarrow = place.width < NARROW;
  const { margin: labels, letters } = labelRoom(data, place);
  const [low, high] = domainOf(rows, margin);
  const rowHeight = isNarrow ? 40 : 30;
  const ticks = isRatio
    ? ratioTicks(low, high, isNarrow ? 4 : 9)
    : plainTicks(low, high, isNarrow ? 3 : 6);
  return Plot.plot({
    width: place.width,
    height: rows.length * rowHeight + 28,
    marginLeft: isNarrow ? 8 : labels,
    marginRight: isNarrow ? 8 : WORD_MARGIN,
    marginTop: 4,
    marginBottom: 22,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      ...(isRatio ? { type: 'log', ticks: ratioTicks(low, high, isNarrow ? 5 : 9) } : { ticks: 5 }),
      domain: [low, high],
      label: isRatio ? 'change from the baseline' : 'difference from the baseline',
      tickFormat: isRatio ? ratioText : (value: number) => String(Number(value.toPrecision(2))),
    },
    y: {
      label: null,
      domain: rows.map(({ variant }) => variant),
      tickSize: 0,
      ...(isNarrow ? { axis: null } : { tickFormat: (name: string) => shortened(name, letters) }),
    },
    marks: [
      Plot.rectX([{ x1: Math.max(low, margin[0]), x2: Math.min(high, margin[1]) }], {
        x1: 'x1',
        x2: 'x2',
        fill: 'var(--c-sky)',
        fillOpacity: 0.22,
      }),
      Plot.gridX(ticks, { stroke: 'var(--rule)', strokeOpacity: 0.5 }),
      Plot.axisX(ticks, { text: isRatio ? ratioText : plainText, label: null }),
      Plot.ruleX([isRatio ? 1 : 0], { stroke: 'var(--ink)', strokeOpacity: 0.7 }),
      Plot.ruleY(
        rows.filter((row) => row.low !== null),
        {
          x1: 'low',
          x2: 'high',
          y: 'variant',
          stroke: ({ verdict }: Row) => VERDICT_COLORS[verdict],
          strokeWidth: 3,
        },
      ),
      Plot.dot([...rows], {
        x: 'estimate',
        y: 'variant',
        r: 5,
        fill: ({ verdict, low: from }: Row) =>
          from === null ? 'var(--card)' : VERDICT_COLORS[verdict],
        stroke: ({ verdict }: Row) => VERDICT_COLORS[verdict],
        strokeWidth: 2,
      }),
      ...words(rows, isNarrow, place),
      Plot.tip(
        [...rows],
        Plot.pointerY({
          ...TIP,
          x: 'estimate',
          y: 'variant',
          title: ({ variant, text, verdict }: Row) => `${variant}\n${text}\n${verdict}`,
        }),
      ),
    ],
  });
}

/** The verdict's word on the right; where it is narrow, variant and verdict above the line. */
function words(rows: readonly Row[], isNarrow: boolean, { width }: Place): Plot.Markish[] {
  const word = ({ verdict }: Row) => (verdict === 'estimate' ? 'estimate only' : verdict);
  const style = { y: 'variant', fill: 'var(--ink)' } as const;
  if (!isNarrow) {
    return [
      Plot.text([...rows], {
        ...style,
        text: word,
        frameAnchor: 'right',
        textAnchor: 'start',
        dx: 10,
      }),
    ];
  }
  const letters = Math.floor(width / 6.6) - 15;
  return [
    Plot.text([...rows], {
      ...style,
      text: (row: Row) => `${shortened(row.variant, letters)}: ${word(row)}`,
      frameAnchor: 'left',
      textAnchor: 'start',
      dy: -12,
      stroke: 'var(--card)',
      strokeWidth: 3,
    }),
  ];
}

/** Intervals, estimates and margin, with some room. An estimate without an interval must be in it too. */
function domainOf(rows: readonly Row[], margin: readonly [number, number]): [number, number] {
  const values = rows.flatMap(({ estimate, low, high }) => [
    estimate,
    low ?? estimate,
    high ?? estimate,
  ]);
  const from = Math.min(margin[0], ...values);
  const to = Math.max(margin[1], ...values);
  if (from > 0) return [from / (to / from) ** 0.04, to * (to / from) ** 0.04];
  const room = (to - from) * 0.04;
  return [from - room, to + room];
}

const STEPS = [1, 2, 2.5, 5] as const;
/** Ratios that read well where percentages get too many. */
const FACTORS = [1, 2, 3, 5] as const;

/** Round numbers in a span, about as many as asked for at the most. */
function plainTicks(low: number, high: number, most: number): number[] {
  const decade = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = [...STEPS, 10]
    .map((size) => size * decade)
    .find((size) => (high - low) / size <= most);
  if (step === undefined || !(step > 0)) return [0];
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Ratios at whole percentages; over a wide span at factors. */
function ratioTicks(low: number, high: number, most: number): number[] {
  if (high / low < 3) return plainTicks(low - 1, high - 1, most).map((change) => 1 + change);
  const decades = [0.001, 0.01, 0.1, 1, 10, 100, 1000];
  const factors = decades.flatMap((decade) => FACTORS.map((factor) => factor * decade));
  const within = factors.filter((factor) => factor >= low && factor <= high);
  return within.length <= most ? within : within.filter((factor) => !/[23]/.test(String(factor)));
}

function plainText(value: number): string {
  const text = String(Number(Math.abs(value).toPrecision(3)));
  return value === 0 ? '0' : `${value < 0 ? '−' : '+'}${text}`;
}

/** `+12 %`, `−31 %`, `×5`. */
function ratioText(ratio: number): string {
  if (ratio >= 3 || ratio <= 0.2) return `×${Number(ratio.toPrecision(2))}`;
  const percent = Number(((ratio - 1) * 100).toPrecision(3));
  if (percent === 0) return '0';
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`;
}
