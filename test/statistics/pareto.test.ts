import { expect, it } from 'vitest';
import { paretoFront } from '../../src/statistics/pareto.ts';

it('keeps what nothing else beats', () => {
  const points = [
    [1, 9],
    [2, 5],
    [3, 6],
    [4, 1],
    [4, 1],
    [5, 1],
  ];
  expect(paretoFront(points)).toEqual([true, true, false, true, true, false]);
});

it('keeps a point that is best in a third thing', () => {
  expect(
    paretoFront([
      [1, 1, 5],
      [2, 2, 4],
      [2, 2, 6],
    ]),
  ).toEqual([true, true, false]);
});
