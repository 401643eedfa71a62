/** The `plan` command. In: a scenario, or a rate and a size. Out: a forecast as text or JSON. Sends nothing. */
import { ShardstormError } from '../core/errors.ts';
import { didYouMean, editDistance } from '../core/nearest.ts';
import { parsePercent } from '../core/units.ts';
import { REGIONS } from '../kinesis/regions.ts';
import { forecastLoad } from '../plan/forecast.ts';
import { evenRanges, rangesOf, type ShardRanges } from '../plan/heat.ts';
import type { PriceList } from '../plan/prices.ts';
import { ratesOf, sampleLoad } from '../plan/sample.ts';
import { compileScenario } from '../scenario/compile.ts';
import { loadScenario, scenarioSource } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Arguments, CommandIo } from './command.ts';
import { usageError } from './errors.ts';
import { isOn, scenarioOverrides, text } from './flags.ts';
import { pricesOf } from './output-flags.ts';
import { renderForecast } from './plan-text.ts';

const SHARDS_MAX = 10_000;
const PRODUCERS_MAX = 1_000_000;

export async function planScenario(args: Arguments, io: CommandIo): Promise<number> {
  const prices = pricesOf(args);
  if (isOn(args, 'show-prices')) {
    io.stdout.write(`${JSON.stringify(prices, null, 2)}\n`);
    return 0;
  }
  const plan = planOf(args);
  const region = regionOf(args, plan, prices);
  const ranges = await rangesToLookAt(args, plan);
  const producers = producersOf(args, plan);
  const sample = sampleLoad(plan);
  const result = forecastLoad({
    sample,
    rates: ratesOf(plan),
    ranges,
    packing: {
      sample,
      profile: plan.producer.profile,
      aggregation: plan.producer.aggregation,
      maxBufferedTimeUs: plan.producer.maxBufferedTimeUs,
      producers,
      shards: ranges.numbers.length,
    },
    headRoom: share(args, 'head-room', 0.2),
    growthPerMonth: text(args, 'growth') === undefined ? null : share(args, 'growth', 0),
    prices,
  });
  const document = {
    schema: 'shardstorm.plan/1',
    scenario: plan.name,
    producers,
    headRoom: share(args, 'head-room', 0.2),
    growthPerMonth: text(args, 'growth') === undefined ? null : share(args, 'growth', 0),
    notes: isAssumed(args, plan)
      ? [
          `the stream is taken to have ${ranges.numbers.length} shards: give --shards, or --stream to look at its own`,
        ]
      : [],
    priceList: { date: prices.date, region: prices.region, confidence: prices.confidence },
    ...result,
  } as const;
  const otherRegion = region !== null && region !== prices.region ? region : null;
  io.stdout.write(
    isOn(args, 'json')
      ? `${JSON.stringify(document, null, 2)}\n`
      : `${renderForecast(document, otherRegion)}\n`,
  );
  return 0;
}

/** A price list of one's own may be of any region. */
function regionOf(args: Arguments, plan: Plan, prices: PriceList): string | null {
  const region = text(args, 'region') ?? plan.target.region;
  if (region === null || region === prices.region || REGIONS.includes(region)) return region;
  const message = `${text(args, 'region') === undefined ? 'target.region' : '--region'} ${JSON.stringify(region)} is no region that is known${didYouMean(region, REGIONS)}`;
  const distance = (name: string) => editDistance(region.toLowerCase(), name);
  const nearest = REGIONS.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  throw usageError(message, `The nearest known region is ${nearest}.`);
}

function planOf(args: Arguments): Plan {
  const overrides = scenarioOverrides(args);
  const file = text(args, 'scenario');
  if (file !== undefined) {
    refuseBeside(args, 'a scenario file', {
      size: '--set records.payload.size=300B',
      keys: '--set "records.partitionKey={kind: uniform, cardinality: 1000}"',
    });
    return loadScenario(file, overrides);
  }
  const rate = text(args, 'rate');
  const size = text(args, 'size');
  const stream = text(args, 'stream');
  if (rate === undefined || size === undefined) {
    const message = 'plan needs a scenario file, or --rate and --size';
    throw usageError(message, 'Such as: shardstorm plan --rate 20000/s --size 300B --keys 100000');
  }
  refuseSaidTwice(overrides.set ?? []);
  const scenario = {
    version: 1,
    name: 'plan',
    target: { kind: 'simulator', ...(stream === undefined ? {} : { stream }) },
    load: { phases: [{ name: 'hold', duration: '1h', rate }] },
    records: {
      partitionKey: keysOf(text(args, 'keys') ?? '100000'),
      payload: { kind: 'random', size },
    },
  };
  const { rate: _, ...others } = overrides;
  return compileScenario(scenarioSource(JSON.stringify(scenario), 'the command line'), others);
}

/** A flag that would change nothing is refused, not passed over. @param others flags, and what to say instead */
function refuseBeside(
  args: Arguments,
  what: string,
  others: Readonly<Record<string, string>>,
): void {
  for (const [name, instead] of Object.entries(others)) {
    if (text(args, name) === undefined) continue;
    throw usageError(`--${name} does not go together with ${what}`, `Instead: ${instead}`);
  }
}

const SAID_BY_FLAGS: Readonly<Record<string, string>> = {
  'load.phases': '--rate',
  'records.payload': '--size',
  'records.partitionKey': '--keys',
};

/** Without a scenario file the load is what the flags say; another word on the same would quietly win. */
function refuseSaidTwice(settings: readonly string[]): void {
  for (const setting of settings) {
    for (const [field, flag] of Object.entries(SAID_BY_FLAGS)) {
      if (!new RegExp(`^${field.replace('.', '\\.')}(?=[.=]|$)`).test(setting)) continue;
      const message = `--set ${setting} does not go together with ${flag}, which says the same`;
      throw usageError(message, `Give ${flag} alone, or a scenario file with --set.`);
    }
  }
}

function keysOf(flag: string): object {
  const [kind, cardinality, exponent] = flag.split(':');
  if (/^zipf:\d+(:\d+(\.\d+)?)?$/.test(flag)) {
    return { kind, cardinality: Number(cardinality), exponent: Number(exponent ?? '1') };
  }
  if (/^\d+$/.test(flag)) return { kind: 'uniform', cardinality: Number(flag) };
  const message = `--keys ${JSON.stringify(flag)} is neither a number nor zipf:N:EXPONENT`;
  throw usageError(message, 'Such as --keys 100000, or --keys zipf:100000:1.1');
}

async function rangesToLookAt(args: Arguments, plan: Plan): Promise<ShardRanges> {
  const stream = text(args, 'stream');
  if (stream !== undefined) {
    refuseBeside(args, '--stream', { shards: 'leave it out, the shards are those of the stream' });
    return liveRanges(stream, args, plan);
  }
  const scenario = plan.target.create?.shards ?? plan.target.simulator.shards;
  return evenRanges(count(args, 'shards', scenario, SHARDS_MAX));
}

/** Nobody said how many shards a real stream has. */
function isAssumed(args: Arguments, { target }: Plan): boolean {
  const isReal = target.kind === 'aws' || target.kind === 'endpoint';
  const isTold = text(args, 'stream') !== undefined || text(args, 'shards') !== undefined;
  return isReal && !isTold && (target.create?.shards ?? null) === null;
}

/** @throws ShardstormError SHARDSTORM_TRANSPORT_*, SHARDSTORM_CREDENTIALS_*, SHARDSTORM_SERVICE_* */
async function liveRanges(stream: string, args: Arguments, plan: Plan): Promise<ShardRanges> {
  const { openShardLister } = await import('../transport/open.ts');
  const { clockOrigin, realClock } = await import('../core/clock.ts');
  const list = openShardLister(
    {
      kind: 'sdk',
      protocol: 'json',
      http: '1.1',
      endpoint: plan.target.endpoint,
      region: text(args, 'region') ?? plan.target.region,
      credentials: 'chain',
      maxConnections: 1,
      requestTimeoutUs: plan.producer.requestTimeoutUs,
      nullShards: 1,
    },
    realClock(clockOrigin()),
  );
  return new Promise((resolve, reject) => {
    list(stream, (shards, code, message) => {
      if (shards === null) reject(notListed(stream, code, message));
      else resolve(rangesOf(shards));
    });
  });
}

function notListed(stream: string, code: string, message: string): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_SERVICE_ERROR',
    `the shards of stream "${stream}" cannot be listed: ${code}: ${message}`,
    { hint: 'Check --stream, --region and the permission kinesis:ListShards.' },
  );
}

function producersOf(args: Arguments, plan: Plan): number {
  const { producers } = plan.load;
  return count(args, 'producers', producers === 'auto' ? 1 : producers, PRODUCERS_MAX);
}

function count(args: Arguments, name: string, fallback: number, max: number): number {
  const given = text(args, name);
  if (given === undefined) return fallback;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  const message = `--${name} is ${JSON.stringify(given)}; expected a whole number, 1 to ${max}`;
  throw usageError(message, `Such as --${name} 8`);
}

function share(args: Arguments, name: string, fallback: number): number {
  const given = text(args, name);
  if (given === undefined) return fallback;
  const value = parsePercent(given);
  if (value !== null && value < 1 && (value > 0 || name === 'head-room')) return value;
  const message = `--${name} is ${JSON.stringify(given)}; expected a percentage below 100%`;
  throw usageError(message, `Such as --${name} ${name === 'growth' ? '8%' : '20%'}`);
}
