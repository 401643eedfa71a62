import type { ClockFigures } from './calibrate-clock.ts';

/** All figures; times in microseconds unless named otherwise. */
export interface Calibration {
  readonly schema: 'shardstorm.calibration/1';
  readonly workers: number;
  readonly clock: ClockFigures;
  readonly ceiling: {
    readonly recordsPerSecond: number;
    readonly recordsPerCpuSecond: number;
    /** Share of the time in which the load threads had no core: other programs were in the way. */
    readonly cpuWaitShare: number;
  };
  /** Lateness at shares of the ceiling. */
  readonly pacing: readonly PacingFigures[];
  /** Response time of single records when the target answers at once, of several runs. */
  readonly floor: { readonly p50Us: number; readonly p99Us: number; readonly p99RangeUs: number };
  readonly known: readonly KnownLatency[];
  /** Share by which CPU per record differs between equal runs. */
  readonly noise: number;
}

/** How late records are made at a share of the ceiling. */
export interface PacingFigures {
  readonly share: number;
  readonly perSecond: number;
  readonly latenessP50Us: number;
  readonly latenessP99Us: number;
  /** Cores that the load threads used. */
  readonly cores: number;
  readonly onTime: boolean;
}

/** A latency that was known beforehand, and what was measured of it. */
export interface KnownLatency {
  readonly injectedUs: number;
  readonly serviceP50Us: number;
  readonly serviceP99Us: number;
  readonly recovered: boolean;
}
