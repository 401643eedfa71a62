/**
 * share.json: what a share of a larger run knows of itself and merging cannot learn from its frames. In: a finished share.
 * Out: its description, checked when read. Together with frames.bin it is enough to make one result of all shares.
 */
import { z } from 'zod';

/** A distance of two clocks, as a time server saw it. */
export interface ClockCheck {
  /** The server that was asked. */
  readonly source: string;
  /** This machine's clock minus the server's at the start, and how far that may be off. */
  readonly offsetUs: number;
  readonly errorUs: number;
  /** By how much the distance grew until the end of the run; null: it was not asked again. */
  readonly driftUs: number | null;
}

/** A phase of the plan, as the share had it. */
export interface SharePhase {
  readonly name: string;
  readonly isMeasured: boolean;
  readonly startUs: number;
  readonly endUs: number;
  /** Records of the schedule that are this share's; null in a closed loop. */
  readonly scheduled: number | null;
  readonly isConstantRate: boolean;
}

/** The shape of share.json, `shardstorm.share/1`. */
export interface ShareFile {
  readonly schema: 'shardstorm.share/1';
  /** Id of the share's own result. */
  readonly runId: string;
  /** 0 … count-1. */
  readonly index: number;
  readonly count: number;
  /** The same for all shares of one scenario, count and start. */
  readonly fleetId: string;
  /** Of the scenario with every default and override resolved. */
  readonly scenarioHash: string;
  /** Version of the program. */
  readonly version: string;
  /** The instant agreed on, ISO 8601; null: none was. */
  readonly startAt: string | null;
  /** Unix microseconds of time 0, by this machine's clock. */
  readonly originEpochUs: number;
  /** How long after time 0 the last of its threads began; null: none did. */
  readonly startedLateUs: number | null;
  /** null: no time server was asked, so the distance to the other machines' clocks is unknown. */
  readonly clock: ClockCheck | null;
  readonly workers: number;
  /** Of all shares together. */
  readonly producers: number;
  readonly phases: readonly SharePhase[];
  readonly target: string;
  readonly mode: 'provisioned' | 'on-demand' | null;
  readonly transport: string;
  readonly protocol: string;
  readonly isVirtual: boolean;
  /** User records of its measured phases. */
  readonly offered: number;
  readonly accepted: number;
  readonly status: 'completed' | 'interrupted' | 'failed';
  /** Why the share itself is invalid; empty: it is not. And what it warns of. */
  readonly invalidReasons: readonly string[];
  readonly warnings: readonly string[];
  /** Its own, before merging. */
  readonly verdict: 'valid' | 'suspect' | 'invalid';
  readonly durationUs: number;
  /** When generation was stopped early; null: the schedule ran to its end. */
  readonly stoppedUs: number | null;
  /** Numbers of the open shards. */
  readonly openShards: readonly number[];
  /** Upper 32 bits of their first hash keys. */
  readonly openShardStarts: readonly number[];
  /** Of frames.bin, hexadecimal: frames of another run, or some of these only, are not this share's. */
  readonly framesSha256: string;
}

const count = z.number().int().min(0);

export const shareFileSchema: z.ZodType<ShareFile> = z.object({
  schema: z.literal('shardstorm.share/1'),
  runId: z.string(),
  index: count,
  count: count.min(1),
  fleetId: z.string(),
  scenarioHash: z.string(),
  version: z.string(),
  startAt: z.string().nullable(),
  originEpochUs: z.number(),
  startedLateUs: z.number().nullable(),
  clock: z
    .object({
      source: z.string(),
      offsetUs: z.number(),
      errorUs: z.number(),
      driftUs: z.number().nullable(),
    })
    .nullable(),
  workers: count.min(1),
  producers: count.min(1),
  phases: z.array(
    z.object({
      name: z.string(),
      isMeasured: z.boolean(),
      startUs: z.number(),
      endUs: z.number(),
      scheduled: count.nullable(),
      isConstantRate: z.boolean(),
    }),
  ),
  target: z.string(),
  mode: z.enum(['provisioned', 'on-demand']).nullable(),
  transport: z.string(),
  protocol: z.string(),
  isVirtual: z.boolean(),
  offered: count,
  accepted: count,
  status: z.enum(['completed', 'interrupted', 'failed']),
  invalidReasons: z.array(z.string()),
  warnings: z.array(z.string()),
  verdict: z.enum(['valid', 'suspect', 'invalid']),
  durationUs: z.number().min(0),
  stoppedUs: z.number().nullable(),
  openShards: z.array(count),
  openShardStarts: z.array(count),
  framesSha256: z.string(),
});
