/**
 * The name among `known` that a person most likely meant by `typed`, or null when none is close.
 * @internal
 */
export function nearestName(typed: string, known: readonly string[]): string | null {
  const wanted = typed.toLowerCase();
  // A third of the letters may differ: more, and the suggestion is a guess.
  let best = Math.max(1, Math.ceil(wanted.length / 3)) + 1;
  let nearest: string | null = null;
  for (const name of known) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

/** `; did you mean "x"?` or '' when no known name is close. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const nearest = nearestName(typed, known);
  return nearest === null ? '' : `; did you mean "${nearest}"?`;
}

/**
 * Least number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string
 * alignment, https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance).
 * @internal
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      let cost = Math.min(replaced, removed, inserted);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
