/** A date and a time of day, with a zone or without; without one it is taken as UTC, so that no machine's zone matters. */
const DATE_TIME =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** A time as a recording writes it: Unix microseconds for a date, the number itself for a number; null for neither. */
export function timeUsOf(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed !== '' && Number.isFinite(Number(trimmed))) return Number(trimmed);
  const match = DATE_TIME.exec(trimmed);
  if (match === null) return null;
  const field = (at: number) => Number(match[at] ?? 0);
  const ms = Date.UTC(field(1), field(2) - 1, field(3), field(4), field(5), field(6));
  const fraction = Number(`0${match[7] ?? ''}`);
  return ms * 1000 + Math.round(fraction * 1e6) - zoneUs(match[8] ?? 'Z');
}

function zoneUs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000_000;
}

/** Numbers below the first are seconds, below the second milliseconds, from there on microseconds: all of today's clocks. */
const SECONDS_BELOW = 1e11;
const MILLISECONDS_BELOW = 1e14;

/** Times as offsets from the earliest, microseconds. The unit of the numbers is told by the largest of them. */
export function toOffsetsUs(times: readonly number[]): Float64Array {
  let earliest = Number.POSITIVE_INFINITY;
  let latest = 0;
  for (const time of times) {
    earliest = Math.min(earliest, time);
    latest = Math.max(latest, Math.abs(time));
  }
  const unitUs = latest < SECONDS_BELOW ? 1e6 : latest < MILLISECONDS_BELOW ? 1e3 : 1;
  return Float64Array.from(times, (time) => (time - earliest) * unitUs);
}
