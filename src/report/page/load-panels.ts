/** A comparison over time: small panels, one a variant, all on one scale. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData, LoadPanel } from '../comparison/chart-data.ts';
import type { Series } from '../html/chart-data.ts';
import { clock, compact, type Layer, type Place, timeTicks, withLegend } from './axes.ts';
import { PLAIN, panels } from './variants.ts';

/** The scale that all panels share, so that their heights can be compared. */
function commonTop(
  data: ComparisonData,
  read: (panel: LoadPanel) => readonly (number | null)[],
): number {
  const values = data.load.flatMap((panel) => read(panel).map((value) => value ?? 0));
  return Math.max(1, ...values) * 1.06;
}

interface At {
  readonly at: number;
  readonly value: number;
}

/** Each value holds until the next; the last to the end of its own time. */
function pointsAt(panel: LoadPanel, series: readonly (number | null)[]): At[] {
  const points = panel.atSeconds.flatMap((at, i) => {
    const value = series[i];
    return typeof value === 'number' ? [{ at, value }] : [];
  });
  const last = points.at(-1);
  return last === undefined ? [] : [...points, { ...last, at: last.at + panel.pointSeconds }];
}

function timePanel(
  panel: LoadPanel,
  width: number,
  top: number,
  label: string,
  marks: Plot.Markish[],
): Element {
  const last = (panel.atSeconds.at(-1) ?? 0) + panel.pointSeconds;
  return Plot.plot({
    width,
    height: 150,
    marginLeft: 46,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 32,
    ariaLabel: `${panel.variant}. ${label}`,
    style: PLAIN,
    x: { domain: [0, last], label: null, tickFormat: clock, ticks: timeTicks(last, width) },
    y: { domain: [0, top], label: null, grid: true, tickFormat: compact, ticks: 4 },
    marks: [...marks, Plot.ruleY([0], { stroke: 'var(--rule)' })],
  });
}

function stacked(panel: LoadPanel, layers: readonly Layer[]): Plot.Markish {
  const rows = layers.flatMap(({ name, values }) =>
    pointsAt(panel, values).map((point) => ({ ...point, name })),
  );
  const colors = new Map(layers.map(({ name, color }) => [name, color]));
  return Plot.areaY(
    rows,
    Plot.stackY({
      x: 'at',
      y: 'value',
      z: 'name',
      order: layers.map(({ name }) => name),
      curve: 'step-after',
      fill: ({ name }: { name: string }) => colors.get(name) ?? 'var(--ink)',
    }),
  );
}

function dashedLine(panel: LoadPanel, series: Series, { color, dash }: Layer): Plot.Markish {
  const line = { x: 'at', y: 'value', curve: 'step-after', strokeWidth: 1.5 } as const;
  return Plot.lineY(pointsAt(panel, series), { ...line, stroke: color, strokeDasharray: dash });
}

/** Offered, sent, accepted and lost, one panel a variant. */
export function throughput(data: ComparisonData, place: Place): Element {
  const top = commonTop(data, ({ offered, sent, accepted, lost, runs }) => [
    ...offered,
    ...sent,
    ...accepted.map((value, i) => (value ?? 0) + (lost[i] ?? 0)),
    ...runs.flat(),
  ]);
  const layersOf = ({ accepted, lost }: LoadPanel): Layer[] => [
    { name: 'accepted', color: 'var(--c-sky)', dash: '', values: accepted },
    { name: 'failed, expired, dropped', color: 'var(--c-bad)', dash: '', values: lost },
  ];
  const offered: Layer = { name: 'offered', color: 'var(--ink)', dash: '5 3', values: [] };
  const sent: Layer = { name: 'sent', color: 'var(--c-pink)', dash: '1 2', values: [] };
  const titles = data.load.map(({ variant }) => variant);
  const body = panels(place, titles, (i, width) => {
    const panel = data.load[i] as LoadPanel;
    return timePanel(panel, width, top, place.label, [
      stacked(panel, layersOf(panel)),
      ...panel.runs.map((run) =>
        Plot.lineY(pointsAt(panel, run), {
          x: 'at',
          y: 'value',
          curve: 'step-after',
          stroke: 'var(--ink)',
          strokeOpacity: 0.3,
          strokeWidth: 1,
        }),
      ),
      dashedLine(panel, panel.offered, offered),
      dashedLine(panel, panel.sent, sent),
    ]);
  });
  const [first] = data.load;
  const layers = first === undefined ? [] : layersOf(first);
  return withLegend(
    [offered, sent, ...layers],
    { unit: 'user records a second', kind: 'area' },
    body,
  );
}

/** What was sent and how much of it was refused, one panel for each variant with refusals. */
export function refusals(data: ComparisonData, place: Place): Element {
  const top = commonTop(data, ({ attempts }) => attempts);
  const layersOf = ({ throttled, refused }: LoadPanel): Layer[] => [
    { name: 'throttled', color: 'var(--c-warm)', dash: '', values: throttled },
    { name: 'other refusals', color: 'var(--c-bad)', dash: '', values: refused },
  ];
  const refusing = data.load.filter(({ throttled, refused }) =>
    [...throttled, ...refused].some((value) => (value ?? 0) > 0),
  );
  const sent: Layer = { name: 'all attempts', color: 'var(--ink)', dash: '5 3', values: [] };
  const quiet = data.load.filter((panel) => !refusing.includes(panel));
  const [first] = refusing;
  if (first === undefined) return noteWithMark('No attempt was refused in any run.');
  const titles = refusing.map(({ variant }) => variant);
  const body = panels(place, titles, (i, width) => {
    const panel = refusing[i] as LoadPanel;
    return timePanel(panel, width, top, place.label, [
      stacked(panel, layersOf(panel)),
      dashedLine(panel, panel.attempts, sent),
    ]);
  });
  if (quiet.length > 0) {
    const names = quiet.map(({ variant }) => variant).join('; ');
    body.append(noteWithMark(`Without any refusal: ${names}`));
  }
  const layers = [sent, ...layersOf(first)];
  return withLegend(layers, { unit: 'Kinesis records a second', kind: 'area' }, body);
}

/** A sentence in a chart's place, with an empty picture, so that a chart that has nothing to draw counts as drawn. */
function noteWithMark(text: string): HTMLElement {
  const note = document.createElement('p');
  note.className = 'note';
  note.textContent = text;
  const mark = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  mark.setAttribute('height', '0');
  mark.setAttribute('aria-hidden', 'true');
  note.append(mark);
  return note;
}
