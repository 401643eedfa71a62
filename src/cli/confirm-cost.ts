import { createInterface } from 'node:readline/promises';
import { ShardstormError } from '../core/errors.ts';
import { formatUsd } from '../plan/cost.ts';
import type { PriceList } from '../plan/prices.ts';
import { estimateRunCost, type RunCost } from '../plan/run-cost.ts';
import type { Plan } from '../scenario/plan.ts';
import type { CommandIo } from './command.ts';
import type { OutputFlags } from './flags.ts';

/**
 * Runs against AWS cost money, so it says how much and asks: a budget that covers it (--max-cost, `cost.maxUsd`) or
 * --yes is an answer; a person at a terminal is asked; a script without either is refused.
 * @param plans one a run, at least one
 * @throws SHARDSTORM_CLI_COST_NOT_CONFIRMED
 */
export async function confirmCost(
  plans: readonly Plan[],
  flags: OutputFlags,
  io: CommandIo,
): Promise<void> {
  const paid = plans.filter(({ target }) => target.kind === 'aws');
  const [first] = paid;
  if (first === undefined) return;
  const what = plans.length === 1 ? 'run' : 'sweep';
  const usd = runsCostUsd(paid, flags.prices);
  const estimate = estimateRunCost(first, flags.prices);
  if (!flags.isQuiet) io.stderr.write(`${costSentence(what, usd, estimate)}\n`);
  const { maxUsd } = first.cost;
  if (maxUsd !== null && usd > maxUsd) {
    throw refused(
      `the ${what} may cost ${formatUsd(usd)} (prices of ${estimate.priceListDate}), above the budget of ${formatUsd(maxUsd)}`,
      'Lower load.phases, or raise cost.maxUsd or --max-cost.',
    );
  }
  if (maxUsd !== null || flags.isYes || (await personAgrees(io))) return;
  throw refused(
    `a ${what} against AWS costs money (at most about ${formatUsd(usd)}, prices of ${estimate.priceListDate}) and was not confirmed`,
    'Give --yes, or a budget with --max-cost or cost.maxUsd.',
  );
}

/** The most that runs add to the bill, in US dollars. */
export function runsCostUsd(plans: readonly Plan[], prices?: PriceList): number {
  const known = new Map<Plan, number>();
  return plans.reduce((sum, plan) => {
    const usd = known.get(plan) ?? estimateRunCost(plan, prices).usd;
    known.set(plan, usd);
    return sum + usd;
  }, 0);
}

function costSentence(what: string, usd: number, { assumptions, priceListDate }: RunCost): string {
  return `This ${what} may cost up to ${formatUsd(usd)} (prices of ${priceListDate}): ${assumptions.join('; ')}.`;
}

async function personAgrees({ stderr }: CommandIo): Promise<boolean> {
  if (process.stdin.isTTY !== true || stderr.isTTY !== true) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question('Go on? [y/N] ');
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

function refused(message: string, hint: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_CLI_COST_NOT_CONFIRMED', message, { hint });
}
