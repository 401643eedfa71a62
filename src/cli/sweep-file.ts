/**
 * sweep.json: the plan of a sweep and how far it has come. Written anew after each run, so that a sweep that was
 * interrupted, or whose machine died, goes on where it stopped.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { SweepSlot } from '../coordinate/sweep.ts';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { writeWholeFile } from '../results/write.ts';

export const SWEEP_FILE = 'sweep.json';

const sweepSchema = z.object({
  schema: z.literal('shardstorm.sweep/1'),
  id: z.string(),
  name: z.string(),
  /** Path of the scenario file. */
  scenario: z.string(),
  /** Flags that change the scenario, as given. */
  overrides: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
  seed: z.number(),
  /** In virtual time; absent: on the wire. */
  virtual: z.boolean().optional(),
  /** Blocks of the first look, and of the last; more than the first: a second look where the first settles nothing. */
  blocks: z.int().min(1),
  blocksMax: z.int().min(1).optional(),
  baseline: z.string(),
  variants: z.array(
    z.object({
      name: z.string(),
      /** Changes of the scenario, as `--set` takes them. */
      set: z.array(z.string()),
      /** SHA-256 of the resolved scenario: a sweep does not go on with another. */
      fingerprint: z.string(),
    }),
  ),
  order: z.array(
    z.object({
      block: z.int().min(1),
      variant: z.string(),
      /** Name of the result folder; null: not done yet, or interrupted. */
      run: z.string().nullable(),
      /** false: to be done, or done again. */
      isValid: z.boolean(),
    }),
  ),
});

export type SweepFile = z.output<typeof sweepSchema>;

/** How often the runs are compared at most: twice where the first look may be followed by more blocks. */
export function looksOf({ blocks, blocksMax = blocks }: SweepFile): 1 | 2 {
  return blocksMax > blocks ? 2 : 1;
}

/** Blocks that are planned by now: those of the first look, or all. */
export function blocksPlanned({ order }: SweepFile): number {
  return order.at(-1)?.block ?? 0;
}

/** A slot that is not done. */
export function emptySlots(slots: readonly SweepSlot[]): SweepFile['order'] {
  return slots.map((slot) => ({ ...slot, run: null, isValid: false }));
}

/** The runs that are still to be done, an invalid one's repetition among them. */
export function slotsLeft({ order }: SweepFile): SweepFile['order'] {
  return order.filter(({ isValid }) => !isValid);
}

/** @throws SHARDSTORM_RESULTS_UNREADABLE */
export function readSweepFile(folder: string): SweepFile {
  const file = join(folder, SWEEP_FILE);
  try {
    return sweepSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (thrown) {
    const problem =
      thrown instanceof z.ZodError
        ? `${thrown.issues[0]?.path.join('.')}: ${thrown.issues[0]?.message}`
        : describeCause(thrown);
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNREADABLE',
      `cannot read the sweep ${file}: ${problem}`,
      { hint: 'Start a new sweep from its scenario.', cause: thrown },
    );
  }
}

/** Replaces the file as a whole: a reader never sees half of it. @throws SHARDSTORM_RESULTS_UNWRITABLE */
export function writeSweepFile(folder: string, sweep: SweepFile): void {
  const text = `${JSON.stringify(sweep, null, 2)}\n`;
  writeWholeFile(join(folder, SWEEP_FILE), text, 'the plan of the sweep');
}

/** The JSON Schema (draft 2020-12) of sweep.json. */
export function sweepJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/sweep.schema.json',
    title: 'Shardstorm sweep: the plan of a sweep and how far it has come',
    ...z.toJSONSchema(sweepSchema, { io: 'input' }),
  };
}
