import { createRequire } from 'node:module';
import { z } from 'zod';
import { describeCause, ShardstormError } from '../core/errors.ts';

/** What writing to Kinesis Data Streams costs. A list is data: another region's is passed instead of the default. */
export interface PriceList {
  readonly region: string;
  /** When the figures were read. */
  readonly date: string;
  readonly provisioned: {
    readonly shardHourUsd: number;
    /** A million PUT payload units, one for each started 25 KB of a Kinesis record. */
    readonly perMillionPutUnitsUsd: number;
  };
  readonly onDemand: {
    readonly streamHourUsd: number;
    /** A gigabyte written, each Kinesis record rounded up to a whole kilobyte. */
    readonly perGBInUsd: number;
  };
  /** An account's commitment: no stream-hours, but at least so much written and read is billed, all streams together. */
  readonly onDemandAdvantage: {
    readonly perGBInUsd: number;
    readonly perGBOutUsd: number;
    /** In, and out. */
    readonly minimumMiBPerSecond: number;
  };
  /** How sure the figures are, for the reader of an estimate. */
  readonly confidence: {
    readonly provisioned: Confidence;
    readonly onDemand: Confidence;
    readonly onDemandAdvantage: Confidence;
  };
  /** Where the figures come from, and the rules by which they are counted. */
  readonly sources: {
    readonly rules: string;
    readonly provisioned: string;
    readonly onDemand: string;
    readonly onDemandAdvantage: string;
  };
}

/** `seen`: read on a dated page. `recalled`: not found on a page that could be read; check before relying on it. */
type Confidence = 'seen' | 'recalled';

/** Kilobytes in a gigabyte as it is billed. */
const KIB_PER_GB = 1024 ** 2;
const SECONDS_PER_HOUR = 3600;

export type StreamMode = 'provisioned' | 'on-demand';

/** What was written, as the service counts it. */
export interface BilledLoad {
  readonly seconds: number;
  readonly shards: number;
  /** PUT payload units. */
  readonly putUnits: number;
  /** Kilobytes after rounding each Kinesis record up. */
  readonly roundedKib: number;
}

/** The price of writing a load, US dollars: what its size costs, and what the stream costs while it stands. */
export function priceOf(
  load: BilledLoad,
  mode: StreamMode,
  prices: PriceList,
): { readonly trafficUsd: number; readonly streamUsd: number } {
  const hours = load.seconds / SECONDS_PER_HOUR;
  if (mode === 'provisioned') {
    const { shardHourUsd, perMillionPutUnitsUsd } = prices.provisioned;
    return {
      trafficUsd: (load.putUnits / 1e6) * perMillionPutUnitsUsd,
      streamUsd: hours * load.shards * shardHourUsd,
    };
  }
  return {
    trafficUsd: (load.roundedKib / KIB_PER_GB) * prices.onDemand.perGBInUsd,
    streamUsd: hours * prices.onDemand.streamHourUsd,
  };
}

/** Far beyond any price, so that a slip of the pen does not make sums without end. */
const USD_MAX = 1_000_000;
const usd = z.number().nonnegative().max(USD_MAX);
const confidence = z.enum(['seen', 'recalled']);
const PRICE_LIST = z.strictObject({
  region: z.string().min(1),
  date: z.iso.date(),
  provisioned: z.strictObject({ shardHourUsd: usd, perMillionPutUnitsUsd: usd }),
  onDemand: z.strictObject({ streamHourUsd: usd, perGBInUsd: usd }),
  onDemandAdvantage: z.strictObject({
    perGBInUsd: usd,
    perGBOutUsd: usd,
    minimumMiBPerSecond: usd,
  }),
  confidence: z.strictObject({
    provisioned: confidence,
    onDemand: confidence,
    onDemandAdvantage: confidence,
  }),
  sources: z.strictObject({
    rules: z.string(),
    provisioned: z.string(),
    onDemand: z.string(),
    onDemandAdvantage: z.string(),
  }),
});

/**
 * The list that ships with the package, prices.json. The service's price page fills its figures by script, so they were
 * read elsewhere: `sources` says where.
 */
export function defaultPrices(): PriceList {
  return PRICE_LIST.parse(createRequire(import.meta.url)('./prices.json'));
}

/**
 * A price list of one's own, from a JSON file's text.
 * @throws ShardstormError SHARDSTORM_CLI_USAGE naming the first field that is wrong, and its value
 */
export function parsePriceList(text: string, file: string): PriceList {
  const data = readJson(text, file);
  const parsed = PRICE_LIST.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined || issue.path.length === 0) {
    throw wrongList(file, issue?.message ?? 'is no price list');
  }
  const value = valueAt(data, issue.path);
  const given = value === undefined ? 'is missing' : `is ${JSON.stringify(value).slice(0, 60)}`;
  throw wrongList(file, `${issue.path.join('.')} ${given}: ${issue.message}`);
}

/** Editors may put a byte order mark before the text. */
function readJson(text: string, file: string): unknown {
  const bare = text.replace(/^\uFEFF/, '');
  if (bare.trim() === '') throw wrongList(file, 'the file is empty');
  try {
    return JSON.parse(bare);
  } catch (thrown) {
    throw wrongList(file, `not JSON: ${describeCause(thrown)}`);
  }
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined),
    data,
  );
}

function wrongList(file: string, problem: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_CLI_USAGE', `--prices ${file}: ${problem}`, {
    hint: 'Start from the list that `shardstorm plan --show-prices` prints.',
  });
}
