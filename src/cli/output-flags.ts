/** Values of the flags about what a command prints, writes and takes as prices, checked. Apart from the flags: it reads a file. */
import { readFileSync } from 'node:fs';
import { describeCause } from '../core/errors.ts';
import { defaultPrices, type PriceList, parsePriceList } from '../plan/prices.ts';
import type { Arguments } from './command.ts';
import { usageError } from './errors.ts';
import { isOn, type OutputFlags, text } from './flags.ts';

/** @throws SHARDSTORM_CLI_USAGE */
export function outputFlags(args: Arguments): OutputFlags {
  const out = text(args, 'out') ?? 'results/';
  if (out.trim() === '') throw usageError('--out is empty', 'Give a folder: --out results/');
  const name = text(args, 'name') ?? null;
  if (name !== null && !/^[^\p{Cc}/\\]{1,64}$/u.test(name)) {
    const message = `--name ${JSON.stringify(name)} is not allowed; expected 1 to 64 characters without / and \\`;
    throw usageError(message, 'Give a short name: --name before-upgrade');
  }
  return {
    out,
    name,
    isQuiet: isOn(args, 'quiet'),
    isJson: isOn(args, 'json'),
    isYes: isOn(args, 'yes'),
    isStrictClient: isOn(args, 'strict-client'),
    calibration: text(args, 'calibration') ?? null,
    ...(text(args, 'prices') === undefined ? {} : { prices: pricesOf(args) }),
  };
}

/** The list of --prices, or the built-in one. @throws SHARDSTORM_CLI_USAGE */
export function pricesOf(args: Arguments): PriceList {
  const file = text(args, 'prices');
  if (file === undefined) return defaultPrices();
  let json: string;
  try {
    json = readFileSync(file, 'utf8');
  } catch (thrown) {
    const message = `--prices ${file} cannot be read: ${describeCause(thrown)}`;
    throw usageError(message, 'Give a file such as `shardstorm plan --show-prices` prints.');
  }
  return parsePriceList(json, file);
}
