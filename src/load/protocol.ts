/**
 * What the coordinator and a worker thread say to each other: one task, then messages over a MessagePort. Everything is
 * plain data; histograms and counters cross as packed frames, never as samples.
 *
 * ```
 * coordinator                           worker
 *     │ ── task (piscina) ───────────────▶ │  loads files, opens the transport, has the main thread list the shards
 *     │ ◀── list-shards, fetch-credentials │  at the start, and when they change (control-calls.ts)
 *     │ ── shards, credentials ──────────▶ │
 *     │ ◀── ready ──────────────────────── │
 *     │ ── start {origin} ───────────────▶ │  the same instant for all
 *     │ ◀── frame, frame … ─────────────── │  one a second
 *     │ ── stop {drain | now} ───────────▶ │  or the schedule ends by itself
 *     │ ◀── frame {isLast} ─────────────── │  the task resolves
 * ```
 */
import type { MessagePort } from 'node:worker_threads';
import type { ClockOrigin } from '../core/clock.ts';
import type { ErrorData } from '../core/errors.ts';
import type { Share } from '../core/share.ts';
import type { Plan } from '../scenario/plan.ts';
import type { TransportOptions } from '../transport/open.ts';
import type { ControlAnswer, ControlCall } from './control-calls.ts';

/** Everything a worker needs to know. */
export interface WorkerTask {
  readonly worker: number;
  readonly workers: number;
  /** Independent producers of the whole run, all shares together, dealt out as core/share.ts says. */
  readonly producers: number;
  /** The part of the run that this process does. */
  readonly share: Share;
  readonly plan: Plan;
  readonly transport: TransportOptions;
  /** Where the direct transport sends, as the SDK settled it in the main thread; null: `transport` leaves nothing to settle. */
  readonly settled: { readonly endpoint: string; readonly region: string } | null;
  /** Upper and lower half of the run id that stamps carry. */
  readonly runIdHigh: number;
  readonly runIdLow: number;
  readonly port: MessagePort;
}

export type ToWorker =
  | ControlAnswer
  | { readonly kind: 'start'; readonly origin: ClockOrigin }
  /** `drain`: no new records, wait for those that are out; `now`: give up what is not settled. */
  | { readonly kind: 'stop'; readonly mode: 'drain' | 'now' };

export type FromWorker =
  | ControlCall
  | {
      readonly kind: 'ready';
      readonly openShards: readonly number[];
      /** Upper 32 bits of their first hash keys. */
      readonly openShardStarts: readonly number[];
    }
  | { readonly kind: 'frame'; readonly packed: Uint8Array };

/** What the task resolves to: errors cross as data, because structured clone would lose their class and code. */
export interface WorkerEnd {
  readonly error: ErrorData | null;
}
