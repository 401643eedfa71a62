/**
 * What a person can see while a run goes on. In: the plan's phases, then the rows of each second. Out: a state that the
 * renderers draw from. Invariant: states are values; their size is bounded by the shards, not by the run's length.
 */

import type { IntervalLatency, TimelineRow } from '../../results/timeline.ts';
import { shardShare, shardSums } from '../shard-heat.ts';
import { ratio } from '../view-model.ts';

/** What is known before the start. */
export interface LivePlan {
  readonly name: string;
  /** Ascending, without gaps; the last one's end is the end of the schedule. */
  readonly phases: readonly {
    readonly name: string;
    readonly startMs: number;
    readonly endMs: number;
  }[];
}

/** Where the run is: before time 0, sending, waiting for what is out, or giving that up. */
export type LiveStage = 'starting' | 'running' | 'draining' | 'stopping';

/** One shard in the last second. */
export interface LiveShard {
  readonly id: string;
  /** Share of its limit; 1 is the limit. */
  readonly share: number;
  readonly throttled: number;
}

/** The last second, all phases together. */
export interface LiveSecond {
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly response: IntervalLatency;
  readonly lateness: IntervalLatency;
  /** Shares of attempts and of requests. */
  readonly throttle: number;
  readonly partialFailure: number;
  readonly shards: readonly LiveShard[];
  readonly generator: TimelineRow['generator'];
}

export interface LiveState {
  readonly plan: LivePlan;
  readonly stage: LiveStage;
  /** Since the start of the load. */
  readonly elapsedMs: number;
  /** null before the first second. */
  readonly last: LiveSecond | null;
  /** User records since the start, unmeasured phases included. */
  readonly totals: {
    readonly offered: number;
    readonly accepted: number;
    readonly failed: number;
    readonly expired: number;
    readonly dropped: number;
  };
  /** Accepted rate of the last seconds, oldest first, at most {@link HISTORY_MAX}. */
  readonly history: readonly number[];
  /** The latest warnings, at most three. */
  readonly warnings: readonly string[];
}

export const HISTORY_MAX = 40;
const WARNINGS_MAX = 3;

/** The state before the start. */
export function startLive(plan: LivePlan): LiveState {
  return {
    plan,
    stage: 'starting',
    elapsedMs: 0,
    last: null,
    totals: { offered: 0, accepted: 0, failed: 0, expired: 0, dropped: 0 },
    history: [],
    warnings: [],
  };
}

/** The state after one more interval; a row for each phase in which something happened. */
export function advanceLive(state: LiveState, rows: readonly TimelineRow[]): LiveState {
  const [first] = rows;
  if (first === undefined) return state;
  const last = secondOf(rows, first);
  const elapsedMs = first.atMs + first.intervalMs;
  return {
    ...state,
    stage: stageAt(state, elapsedMs),
    elapsedMs,
    last,
    totals: {
      offered: state.totals.offered + sum(rows, (row) => row.userRecords.offered),
      accepted: state.totals.accepted + sum(rows, (row) => row.userRecords.accepted),
      failed: state.totals.failed + sum(rows, (row) => row.userRecords.failed),
      expired: state.totals.expired + sum(rows, (row) => row.userRecords.expired),
      dropped: state.totals.dropped + sum(rows, (row) => row.userRecords.dropped),
    },
    history: [...state.history, last.acceptedPerSecond].slice(-HISTORY_MAX),
  };
}

/** The state in another stage. */
export function atStage(state: LiveState, stage: LiveStage): LiveState {
  return { ...state, stage };
}

/** The state with one more warning; the oldest gives way, and a repeated one is not added. */
export function withWarning(state: LiveState, warning: string): LiveState {
  if (state.warnings.includes(warning)) return state;
  return { ...state, warnings: [...state.warnings, warning].slice(-WARNINGS_MAX) };
}

/** End of the schedule. */
export function endMs(plan: LivePlan): number {
  return plan.phases.at(-1)?.endMs ?? 0;
}

/** The phase at a time; the last one after its end. */
export function phaseAt(plan: LivePlan, elapsedMs: number): string {
  const phase = plan.phases.find((candidate) => elapsedMs < candidate.endMs);
  return (phase ?? plan.phases.at(-1))?.name ?? '';
}

function stageAt(state: LiveState, elapsedMs: number): LiveStage {
  if (state.stage === 'stopping' || state.stage === 'draining') return state.stage;
  // The second that ends the schedule may end a moment after it.
  return elapsedMs >= endMs(state.plan) + 1000 ? 'draining' : 'running';
}

function secondOf(rows: readonly TimelineRow[], first: TimelineRow): LiveSecond {
  const seconds = first.intervalMs / 1000;
  const shards = [...shardSums(rows, null).values()].map(({ id, bytes, records, throttled }) => ({
    id,
    share: shardShare(bytes, records, seconds),
    throttled,
  }));
  const requests = sum(rows, (row) => row.requests.sent);
  return {
    offeredPerSecond: ratio(
      sum(rows, (row) => row.userRecords.offered),
      seconds,
    ),
    acceptedPerSecond: ratio(
      sum(rows, (row) => row.userRecords.accepted),
      seconds,
    ),
    response: fullest(
      rows.map((row) => row.response),
      first.response,
    ),
    lateness: fullest(
      rows.map((row) => row.lateness),
      first.lateness,
    ),
    throttle: ratio(
      sum(rows, (row) => row.attempts.throttled),
      sum(rows, (row) => row.attempts.records),
    ),
    partialFailure: ratio(
      sum(rows, (row) => row.requests.partial),
      requests,
    ),
    shards,
    generator: first.generator,
  };
}

/** Percentiles of two phases cannot be merged here: where a phase changes, the one with more values is shown. */
function fullest(latencies: readonly IntervalLatency[], first: IntervalLatency): IntervalLatency {
  return latencies.reduce((best, latency) => (latency.count > best.count ? latency : best), first);
}

function sum(rows: readonly TimelineRow[], read: (row: TimelineRow) => number): number {
  return rows.reduce((total, row) => total + read(row), 0);
}
