/**
 * The points that no other beats: not worse in anything and better in something.
 * @param points smaller is better in every coordinate; all of the same length
 * @returns for each point whether it is on the front
 */
export function paretoFront(points: readonly (readonly number[])[]): boolean[] {
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

function dominates(other: readonly number[], point: readonly number[]): boolean {
  let isBetter = false;
  for (let i = 0; i < point.length; i++) {
    const ours = point[i] as number;
    const theirs = other[i] as number;
    if (theirs > ours) return false;
    if (theirs < ours) isBetter = true;
  }
  return isBetter;
}
