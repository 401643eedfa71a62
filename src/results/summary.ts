/** The shape of summary.json, `shardstorm.summary/1` (contract). Everything a report shows can be rendered from it. */
export interface Summary extends Measures {
  readonly schema: 'shardstorm.summary/1';
  readonly run: {
    readonly id: string;
    readonly name: string;
    readonly scenario: string;
    readonly startedAt: string;
    readonly durationMs: number;
    readonly seed: number;
    readonly workers: number;
    readonly producers: number;
    /** Absent: the run is whole. */
    readonly share?: { readonly index: number; readonly count: number };
    /** Of a result that was merged: what became of each share. */
    readonly members?: readonly MemberSummary[];
    /** Of a result that was merged: the largest distance between two shares' starts; null: unknown. */
    readonly startSkewUs?: number | null;
    /** What the limiters of all producers together let through, as a share of a shard's limits; absent: there are none. */
    readonly limiterShare?: number;
    readonly target: string;
    readonly transport: string;
    readonly protocol: string;
    readonly tags: Readonly<Record<string, string>>;
  };
  readonly status: 'completed' | 'interrupted' | 'failed';
  readonly valid: boolean;
  /** `suspect`: valid, with signs that the generator or its machine strained; `warnings` has them. */
  readonly verdict: 'valid' | 'suspect' | 'invalid';
  readonly invalidReasons: readonly string[];
  readonly warnings: readonly string[];
  readonly generator: {
    readonly cpuSeconds: number;
    readonly userRecordsPerCpuSecond: number;
    readonly rssMaxBytes: number;
    readonly eventLoopDelayP99Us: number;
    readonly gcMs: number;
    readonly saturated: boolean;
    /** Time in which load threads were ready and had no core, as a share of theirs; 0 where unknown. */
    readonly cpuWaitShare?: number;
    /** Share of the machine's CPU time that its hypervisor gave to other machines; 0 where unknown. */
    readonly stealShare?: number;
    /** Absent where this machine was not calibrated (`shardstorm calibrate`). */
    readonly calibration?: CalibrationSummary;
  };
  /** Of the measured phases with a constant rate, the least steady one; absent where none was long enough to tell. */
  readonly steadyState?: SteadyStateSummary;
  /** Absent where the scenario has no `load.stopWhen`. */
  readonly precision?: PrecisionSummary;
  /** What a reader of the stream found; absent until the run was verified. verification.json has it in full. */
  readonly verify?: VerifySummary;
  readonly phases: readonly (Measures & {
    readonly name: string;
    readonly measured: boolean;
    readonly startMs: number;
    readonly durationMs: number;
    readonly steadyState?: SteadyStateSummary;
  })[];
  readonly thresholds: readonly ThresholdOutcome[];
  readonly cost: CostEstimate | null;
  /** What formulas said of this load beside what was measured; absent where that cannot be compared. */
  readonly prediction?: PredictionSummary;
}

/** A figure by formula and by measurement. */
export interface ComparedFigure {
  readonly predicted: number;
  readonly measured: number;
  /** Within what chance and the formula's own roughness explain. */
  readonly agrees: boolean;
}

/** Predicted against measured, over the measured phases. */
export interface PredictionSummary {
  readonly userRecordsPerRecord: ComparedFigure;
  readonly bytesPerRecord: ComparedFigure;
  /** Share of the attempts. */
  readonly throttle: ComparedFigure;
  /** Share of its nearer limit that each shard was asked for and took, over the phases' time; above 1 it took longer. */
  readonly shards: readonly (ComparedFigure & { readonly id: string })[];
  /** What does not agree, one sentence each, with likely causes. */
  readonly mismatches: readonly { readonly text: string; readonly causes: readonly string[] }[];
}

/** One share of a merged result. */
export interface MemberSummary {
  readonly index: number;
  /** Id of the share's own result. */
  readonly runId: string;
  readonly status: 'completed' | 'interrupted' | 'failed';
  readonly valid: boolean;
  /** How long after the common time 0 it began, by its own clock; null: it did not, or none was agreed on. */
  readonly startedLateUs: number | null;
  /** Its own, before merging; absent in results of earlier versions. */
  readonly verdict?: 'valid' | 'suspect' | 'invalid';
  /** Its clock minus a time server's; null: unknown. */
  readonly clockOffsetUs: number | null;
  /** By how much that grew until the end; null or absent: unknown. */
  readonly clockDriftUs?: number | null;
  readonly offered: number;
  readonly accepted: number;
}

/** The run beside what `calibrate` found of the same machine. */
export interface CalibrationSummary {
  /** When it was calibrated, ISO 8601. */
  readonly at: string;
  /** 100-byte records a second that as many load threads can make; null: it was calibrated with fewer threads. */
  readonly ceilingPerSecond: number | null;
  /** The highest offered rate of a measured phase as a share of that. */
  readonly ceilingShare: number | null;
  /** Response time of single records when the target answers at once: what the instrument adds to a time. */
  readonly floorP50Us: number;
  readonly floorP99Us: number;
}

/** Whether a phase settled, judged by MSER-5 over its seconds. */
export interface SteadyStateSummary {
  readonly phase: string;
  /** False: it was still changing at its end, so no single figure describes it. */
  readonly reached: boolean;
  /** How long its transient took; 0: it had none; null: it never settled. */
  readonly settledAfterMs: number | null;
  /** The series that decided: mean response time, or accepted records a second. */
  readonly by: 'response' | 'accepted';
}

/** What came of `load.stopWhen`. */
export interface PrecisionSummary {
  readonly metric: string;
  /** Half of the 95 % interval as a share of the value: as wanted, and as it was; null: it cannot be told. */
  readonly wanted: number;
  readonly halfWidth: number | null;
  readonly reached: boolean;
}

/** What the stream holds of the whole run, all phases, in user records. */
export interface VerifySummary {
  /** `lost` outweighs `damaged`; `incomplete`: not all could be read. */
  readonly verdict: 'delivered' | 'lost' | 'damaged' | 'incomplete';
  /** Accepted, so the stream must hold them; of those found at least once, and not found. */
  readonly expected: number;
  readonly found: number;
  readonly lost: number;
  /** Copies beyond the first, of records with an attempt without an answer, and of others. */
  readonly duplicatesExpected: number;
  readonly duplicatesUnexplained: number;
  /** Given up without an answer, and found. */
  readonly uncertainFound: number;
  /** Read after a later record of the same producer with the same key, and in the same shard. */
  readonly lateByKey: number;
  readonly lateByShard: number;
  /** Unreadable aggregates, payloads that are not what was sent, stamps that the run never wrote. */
  readonly corrupt: number;
  /** Came with another partition key than they were given. */
  readonly wrongKeys: number;
  /** Of others. */
  readonly foreign: number;
}

export interface ThresholdOutcome {
  readonly expression: string;
  /** null: no data. */
  readonly actual: number | null;
  readonly held: boolean;
  /** `no data` and the like; '' when there is nothing to add. */
  readonly note: string;
}

export interface CostEstimate {
  readonly assumptions: string;
  readonly perHourUsd: number;
  readonly perGBUsd: number;
  readonly perMillionRecordsUsd: number;
  readonly priceListDate: string;
}

/** The groups that a whole run and each phase have alike. */
export interface Measures {
  readonly userRecords: {
    readonly offered: number;
    readonly accepted: number;
    readonly failed: number;
    readonly expired: number;
    readonly dropped: number;
    readonly uncertain: number;
    readonly bytesOffered: number;
    readonly bytesAccepted: number;
    readonly acceptedPerSecond: number;
    readonly offeredPerSecond: number;
    /** 95 % interval; absent where the rate was not constant or the seconds were too few. */
    readonly acceptedPerSecondInterval?: readonly [number, number];
  };
  readonly kinesisRecords: {
    readonly sent: number;
    readonly accepted: number;
    readonly userRecordsPerRecord: number;
    readonly bytesPerRecord: number;
    readonly closedBy: {
      readonly count: number;
      readonly size: number;
      readonly time: number;
      readonly flush: number;
    };
  };
  readonly requests: {
    readonly sent: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly partial: number;
    readonly recordsPerRequest: number;
    readonly bytesPerRequest: number;
  };
  readonly attempts: {
    readonly records: number;
    readonly accepted: number;
    readonly throttled: number;
    readonly internalFailure: number;
    readonly wrongShard: number;
    readonly requestError: number;
    readonly unknown: number;
    readonly byErrorCode: Readonly<Record<string, number>>;
  };
  readonly rates: {
    readonly throttle: number;
    readonly partialFailure: number;
    readonly requestFailure: number;
    readonly retryAmplification: number;
  };
  readonly latency: {
    readonly response: LatencySummary;
    readonly lateness: LatencySummary;
    readonly buffering: LatencySummary;
    readonly retry: LatencySummary;
    readonly service: LatencySummary;
    readonly request: LatencySummary;
    readonly endToEnd?: LatencySummary;
  };
  readonly shards: readonly ShardSummary[];
}

/** Microseconds. Every value but `count` is null when there is no sample. */
export interface LatencySummary {
  readonly unit: 'us';
  readonly count: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly stddev: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p99_9: number | null;
  readonly p99_99: number | null;
  readonly max: number | null;
  /** Error bars; absent where the sample does not support any. */
  readonly confidence?: LatencyConfidence;
}

/** How far percentiles of one run can be trusted: values of one second resemble each other, so fewer count. */
export interface LatencyConfidence {
  /** 0.95: the share of such intervals that hold the true value. */
  readonly level: number;
  /** Number of independent values that the sample is worth. */
  readonly effectiveCount: number;
  /** Lower and upper bound by percentile (`p50`, `p99` …), microseconds; only percentiles that the sample supports. */
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  /** Of the mean. */
  readonly mean?: readonly [number, number];
}

export interface ShardSummary {
  readonly id: string;
  readonly records: number;
  readonly bytes: number;
  readonly throttled: number;
  readonly peakBytesPerSecond: number;
  readonly peakRecordsPerSecond: number;
  /** The larger of the shares of the shard's byte and record limit that the mean rate used; 1 is the limit. */
  readonly utilisation: number;
  /** Which limit that is. */
  readonly bound: 'bytes' | 'records';
}
