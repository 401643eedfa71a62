import { present } from '../core/assert.ts';

/** The values, ascending; the list itself is left alone. */
export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** The middle value, or the mean of the two middle ones. @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = sorted.length >> 1;
  const high = present(sorted[upper], 'value to take a median of');
  return sorted.length % 2 === 1 ? high : (present(sorted[upper - 1], 'lower middle') + high) / 2;
}
