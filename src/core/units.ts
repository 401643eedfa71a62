/**
 * Quantities as people write them. In: text with a unit. Out: microseconds, bytes, per-second rates, fractions; null
 * where the text is not such a quantity, so that the caller can name the field.
 */

const DURATION_US: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_000,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const NUMBER = String.raw`(\d+(?:_\d+)*(?:\.\d+)?)`;
const DURATION_PART = new RegExp(String.raw`${NUMBER}\s*(us|µs|ms|min|s|m|h|d)`, 'y');
const SIZE = new RegExp(String.raw`^${NUMBER}\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)$`);
const RATE = new RegExp(String.raw`^${NUMBER}\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)?\s*/\s*(s|m|min|h|d)$`);
const PERCENT = new RegExp(String.raw`^${NUMBER}\s*%$`);

const toNumber = (digits: string | undefined): number => Number((digits ?? '').replaceAll('_', ''));

/** `250ms`, `2m`, `1m30s` → microseconds. */
export function parseDurationUs(text: string): number | null {
  const source = text.trim();
  let totalUs = 0;
  let at = 0;
  while (at < source.length) {
    DURATION_PART.lastIndex = at;
    const match = DURATION_PART.exec(source);
    if (match === null) return null;
    const unit = match[2] === 'µs' ? 'us' : (match[2] ?? '');
    totalUs += toNumber(match[1]) * (DURATION_US[unit] ?? Number.NaN);
    at = DURATION_PART.lastIndex;
    while (source[at] === ' ') at++;
  }
  return at === 0 ? null : totalUs;
}

/** `50KiB`, `5MiB`, `2MB`, `200B` → bytes. */
export function parseSizeBytes(text: string): number | null {
  const match = SIZE.exec(text.trim());
  if (match === null) return null;
  return Math.round(toNumber(match[1]) * (SIZE_BYTES[match[2] ?? ''] ?? Number.NaN));
}

/** A rate: user records or bytes a second. */
export interface Rate {
  readonly unit: 'records' | 'bytes';
  readonly perSecond: number;
}

/** `5000/s`, `10.5/s`, `600/m`, `2 MB/s` → a rate. */
export function parseRate(text: string): Rate | null {
  const match = RATE.exec(text.trim());
  if (match === null) return null;
  const seconds = (DURATION_US[match[3] ?? ''] ?? Number.NaN) / 1_000_000;
  const amount = toNumber(match[1]) / seconds;
  const sizeUnit = match[2];
  if (sizeUnit === undefined) return { unit: 'records', perSecond: amount };
  return { unit: 'bytes', perSecond: amount * (SIZE_BYTES[sizeUnit] ?? Number.NaN) };
}

/** `0.1%`, `150%` → a fraction. */
export function parsePercent(text: string): number | null {
  const match = PERCENT.exec(text.trim());
  return match === null ? null : toNumber(match[1]) / 100;
}

/** Microseconds for people: `850us`, `6.13ms`, `1.20s`, `2m05s`. */
export function formatDurationUs(us: number): string {
  const size = Math.abs(us);
  if (!Number.isFinite(us)) return '-';
  if (size < 1_000) return `${Math.round(us)}us`;
  if (size < 100_000) return `${(us / 1_000).toFixed(size < 10_000 ? 2 : 1)}ms`;
  if (size < 1_000_000) return `${Math.round(us / 1_000)}ms`;
  if (size < 120_000_000) return `${(us / 1_000_000).toFixed(size < 10_000_000 ? 2 : 1)}s`;
  const seconds = Math.round(us / 1_000_000);
  if (seconds < 7_200)
    return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(seconds / 3_600)}h${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')}m`;
}

/** Bytes for people, binary units: `512 B`, `49.8 KiB`, `5.00 MiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '-';
  if (Math.abs(bytes) < 1024) return `${Math.round(bytes)} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(Math.abs(value) < 10 ? 2 : 1)} ${units[unit]}`;
}

/** Counts for people: `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A fraction for people: `0.34 %`, `12.5 %`. Never 0 or 100 for what is not: `<0.01 %`, `99.95 %`, `>99.99 %`. */
export function formatPercent(fraction: number): string {
  if (!Number.isFinite(fraction)) return '-';
  if (fraction < 0) return `-${formatPercent(-fraction)}`;
  const percent = fraction * 100;
  if (percent === 0 || percent === 100) return `${percent}.0 %`;
  if (percent < 0.005) return '<0.01 %';
  const text = percent.toFixed(percent < 10 ? 2 : 1);
  if (text !== '100.0') return `${text} %`;
  const finer = percent.toFixed(2);
  if (finer === '100.00') return percent < 100 ? '>99.99 %' : '>100.0 %';
  return `${finer} %`;
}
