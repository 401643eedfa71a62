import type { LatencyHeat } from '../../results/latency-heat.ts';
import { formatNumber } from '../quantity.ts';
import type { SpreadData } from './chart-data.ts';
import type { Figure } from './figures.ts';

/** In the units of the axes. */
export function spreadData({ cellMs, bands }: LatencyHeat): SpreadData {
  const milliseconds = (us: number) => Number((us / 1000).toPrecision(5));
  return {
    cellSeconds: cellMs / 1000,
    bands: bands.map(({ fromUs, toUs, counts }) => ({
      fromMs: milliseconds(fromUs),
      toMs: milliseconds(toUs),
      counts,
    })),
  };
}

/** Response times over time as a heat map, and a table of its rows. */
export function spreadFigure({ cellSeconds, bands }: SpreadData): Figure {
  const sums = bands.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  const all = sums.reduce((sum, count) => sum + count, 0);
  return {
    chart: 'spread',
    title: 'How response times were spread',
    caption: `Each column is ${formatNumber(cellSeconds)} s of the run, each row a band of response times; the stronger its colour, the more of the records that settled then. Two strong bands are two kinds of records, which percentiles do not show.`,
    table: {
      caption: 'Slowest first; warm-up included.',
      heads: ['from ms', 'to ms', 'records', 'share', 'first at second', 'last at second'],
      rows: bands
        .map(({ fromMs, toMs, counts }, i) => {
          const count = sums[i] ?? 0;
          const at = (column: number) => String(column * cellSeconds);
          const none = count === 0;
          return {
            cells: [
              formatNumber(fromMs),
              formatNumber(toMs),
              formatNumber(count),
              `${((100 * count) / Math.max(1, all)).toFixed(2)} %`,
              none ? '-' : at(counts.findIndex((value) => value > 0)),
              none ? '-' : at(counts.findLastIndex((value) => value > 0)),
            ],
          };
        })
        .reverse(),
    },
  };
}
