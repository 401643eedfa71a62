/** The charts of a run's page, by the name in `data-chart`. Each takes the data and a place and gives an element. */
import * as Plot from '@observablehq/plot';
import type { ChartData } from '../html/chart-data.ts';
import {
  colorOf,
  compact,
  type Layer,
  lineMarks,
  logAxis,
  type Place,
  phaseMarks,
  pointsOf,
  precise,
  readout,
  stepsOf,
  time,
  timeOptions,
  withLegend,
} from './axes.ts';
import { heat } from './heat.ts';
import { curve, parts } from './latency-charts.ts';
import { spread } from './spread.ts';

type Draw = (data: ChartData, place: Place) => Element;

/** Every chart that a page can ask for. */
export const charts: Readonly<Record<string, Draw>> = {
  load,
  response,
  spread,
  curve,
  parts,
  heat,
  fill,
  requestFill,
  closed,
  attempts,
  lateness,
  cpu,
};

function load(data: ChartData, place: Place): Element {
  const stacked: Layer[] = [
    { name: 'accepted', color: 'var(--c-accepted)', dash: '', values: data.load.accepted },
    { name: 'expired', color: 'var(--c-warm)', dash: '', values: data.load.expired },
    { name: 'failed', color: 'var(--c-bad)', dash: '', values: data.load.failed },
    { name: 'dropped', color: 'var(--c-purple)', dash: '', values: data.load.dropped },
  ].filter(({ name, values }) => name === 'accepted' || values.some((value) => (value ?? 0) > 0));
  const offered: Layer = {
    name: 'offered',
    color: 'var(--ink)',
    dash: '5 3',
    values: data.load.offered,
  };
  const sent: Layer = {
    name: 'sent',
    color: 'var(--c-pink)',
    dash: '2 2',
    values: data.load.sent,
  };
  return stackedArea(data, place, {
    layers: stacked,
    lines: [offered, sent],
    unit: 'user records a second',
  });
}

function attempts(data: ChartData, place: Place): Element {
  const { accepted, throttled, internalFailure, wrongShard, requestError, unknown } = data.attempts;
  const stacked: Layer[] = [
    { name: 'throttled', color: 'var(--c-warm)', dash: '', values: throttled },
    { name: 'internal failure', color: 'var(--c-bad)', dash: '', values: internalFailure },
    { name: 'wrong shard', color: 'var(--c-purple)', dash: '', values: wrongShard },
    { name: 'request error', color: 'var(--c-pink)', dash: '', values: requestError },
    { name: 'no answer', color: 'var(--c-grey)', dash: '', values: unknown },
  ].filter(({ values }) => values.some((value) => (value ?? 0) > 0));
  const layers = [
    { name: 'accepted', color: 'var(--c-accepted)', dash: '', values: accepted },
    ...stacked,
  ];
  return stackedArea(data, place, { layers, lines: [], unit: 'attempts a second' });
}

function closed(data: ChartData, place: Place): Element {
  const { size, time: byTime, count, flush } = data.batches;
  const layers: Layer[] = [
    { name: 'size', color: 'var(--c-accepted)', dash: '', values: size },
    { name: 'time', color: 'var(--c-sky)', dash: '', values: byTime },
    { name: 'count', color: 'var(--c-purple)', dash: '', values: count },
    { name: 'flush', color: 'var(--c-grey)', dash: '', values: flush },
  ].filter(({ values }) => values.some((value) => (value ?? 0) > 0));
  return stackedArea(data, place, { layers, lines: [], unit: 'Kinesis records a second' });
}

interface Stack {
  readonly layers: readonly Layer[];
  /** Drawn over the stack. */
  readonly lines: readonly Layer[];
  readonly unit: string;
}

function stackedArea(data: ChartData, place: Place, stack: Stack): Element {
  const { layers, lines, unit } = stack;
  const chart = Plot.plot({
    ...timeOptions(data, place, 270),
    y: { label: null, grid: true, tickFormat: compact, ticks: 5, nice: true },
    color: colorOf(layers),
    marks: [
      ...phaseMarks(data, place),
      Plot.areaY(
        stepsOf(data, layers),
        Plot.stackY({
          x: 'at',
          y: 'value',
          fill: 'name',
          order: layers.map(({ name }) => name),
          curve: 'step-after',
        }),
      ),
      ...lineMarks(data, lines, 'step-after'),
      Plot.ruleY([0], { stroke: 'var(--rule)' }),
      ...readout(data, [...lines, ...layers], precise),
    ],
  });
  return withLegend([...lines, ...layers], { unit, kind: 'area' }, chart);
}

function response(data: ChartData, place: Place): Element {
  const { p50, p90, p99, p99_9, max } = data.response;
  const layers: Layer[] = [
    { name: 'p50', color: 'var(--c-accepted)', dash: '', values: p50 },
    { name: 'p90', color: 'var(--c-sky)', dash: '6 3', values: p90 },
    { name: 'p99', color: 'var(--c-warm)', dash: '2 2', values: p99 },
    { name: 'p99.9', color: 'var(--c-pink)', dash: '8 3 2 3', values: p99_9 },
    { name: 'max', color: 'var(--c-grey)', dash: '1 3', values: max },
  ];
  const axis = logAxis(pointsOf(data, layers).map(({ value }) => value));
  const chart = Plot.plot({
    ...timeOptions(data, place, 290),
    marginLeft: 60,
    y: axis.scale,
    marks: [
      ...axis.marks,
      ...phaseMarks(data, place),
      ...lineMarks(data, layers),
      ...readout(data, layers, time),
    ],
  });
  return withLegend(layers, { unit: 'logarithmic', kind: 'line' }, chart);
}

function lateness(data: ChartData, place: Place): Element {
  const { latenessP99Ms, eventLoopP99Ms } = data.generator;
  const layers: Layer[] = [
    { name: 'lateness p99', color: 'var(--c-accepted)', dash: '', values: latenessP99Ms },
    { name: 'event-loop delay p99', color: 'var(--c-warm)', dash: '5 3', values: eventLoopP99Ms },
  ];
  return smallLines(data, place, { layers, unit: 'milliseconds', format: time });
}

function cpu(data: ChartData, place: Place): Element {
  const layers: Layer[] = [
    { name: 'CPU', color: 'var(--c-accepted)', dash: '', values: data.generator.cpuCores },
  ];
  return smallLines(data, place, { layers, unit: 'cores', format: precise });
}

function fill(data: ChartData, place: Place): Element {
  const values = data.batches.userRecordsPerRecord;
  const layers: Layer[] = [{ name: 'mean', color: 'var(--c-accepted)', dash: '', values }];
  return smallLines(data, place, { layers, unit: 'user records', format: precise });
}

function requestFill(data: ChartData, place: Place): Element {
  const values = data.batches.recordsPerRequest;
  const layers: Layer[] = [{ name: 'mean', color: 'var(--c-accepted)', dash: '', values }];
  return smallLines(data, place, { layers, unit: 'Kinesis records', format: precise });
}

interface Lines {
  readonly layers: readonly Layer[];
  readonly unit: string;
  readonly format: (value: number) => string;
}

function smallLines(data: ChartData, place: Place, lines: Lines): Element {
  const { layers, unit, format } = lines;
  const chart = Plot.plot({
    ...timeOptions(data, place, 200),
    marginLeft: 60,
    y: { label: null, grid: true, zero: true, nice: true, ticks: 4, tickFormat: format },
    marks: [
      ...phaseMarks(data, place),
      Plot.ruleY([0], { stroke: 'var(--rule)' }),
      ...lineMarks(data, layers),
      ...readout(data, layers, format),
    ],
  });
  return withLegend(layers, { unit, kind: 'line' }, chart);
}
