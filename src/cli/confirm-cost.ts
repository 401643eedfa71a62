import { createInterface } from 'node:readline/promises';
import { ShardstormError } from '../core/errors.ts';
import { formatUsd } from '../plan/cost.ts';
import { estimateRunCost, type RunCost } from '../plan/run-cost.ts';
import type { Plan } from '../scenario/plan.ts';
import type { CommandIo } from './command.ts';
import type { OutputFlags } from './flags.ts';

/**
 * A run against AWS costs money, so it says how much and asks: a budget that covers it (--max-cost, `cost.maxUsd`) or
 * --yes is an answer; a person at a terminal is asked; a script without either is refused.
 * @throws SHARDSTORM_CLI_COST_NOT_CONFIRMED
 */
export async function confirmCost(plan: Plan, flags: OutputFlags, io: CommandIo): Promise<void> {
  if (plan.target.kind !== 'aws') return;
  const cost = estimateRunCost(plan);
  if (!flags.isQuiet) io.stderr.write(`${costSentence(cost)}\n`);
  const { maxUsd } = plan.cost;
  if (maxUsd !== null && cost.usd > maxUsd) {
    throw refused(
      `the run may cost ${formatUsd(cost.usd)}, above the budget of ${formatUsd(maxUsd)}`,
      'Lower load.phases, or raise cost.maxUsd or --max-cost.',
    );
  }
  if (maxUsd !== null || flags.isYes || (await personAgrees(io))) return;
  throw refused(
    `a run against AWS costs money (at most about ${formatUsd(cost.usd)}) and was not confirmed`,
    'Give --yes, or a budget with --max-cost or cost.maxUsd.',
  );
}

function costSentence({ usd, assumptions, priceListDate }: RunCost): string {
  return `This run may cost up to ${formatUsd(usd)} (prices of ${priceListDate}): ${assumptions.join('; ')}.`;
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
