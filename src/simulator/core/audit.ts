/**
 * What the simulator knows of the load it took, independent of what the producer says. In: every call and every stored
 * record. Out: a report as plain data. Bounded: a bitmap for each producer, up to a total size.
 */
import type { FaultCount } from './faults.ts';
import { ACCEPTED, type PutCall, THROTTLED } from './put-call.ts';
import type { ShardState } from './shard.ts';
import { type AuditProducer, StampLedger, type StampState } from './stamp-ledger.ts';
import { visitUserRecords } from './user-records.ts';

export interface AuditShard {
  readonly stream: string;
  readonly id: string;
  readonly number: number;
  readonly isOpen: boolean;
  /** Kinesis records and bytes accepted (data and partition key). */
  readonly records: number;
  readonly bytes: number;
  readonly throttled: number;
  readonly internalFailures: number;
}

export interface AuditReport {
  readonly requests: {
    readonly total: number;
    /** 200 with every record accepted. */
    readonly succeeded: number;
    /** 200 with at least one record refused. */
    readonly partial: number;
    /** Refused as a whole, by error. */
    readonly failed: Readonly<Record<string, number>>;
    /** Connection ended before the records were stored, and after. */
    readonly cutBefore: number;
    readonly cutAfter: number;
  };
  readonly kinesisRecords: {
    readonly accepted: number;
    /** Data and partition keys. */
    readonly acceptedBytes: number;
    readonly refused: Readonly<Record<string, number>>;
  };
  /** After de-aggregation; `bytes` is their data. Zeros where the audit does not look into records. */
  readonly userRecords: {
    readonly accepted: number;
    readonly bytes: number;
    readonly aggregates: number;
    readonly stamped: number;
    /** Of all different stamped records, whatever their order: see {@link AuditProducer.digest}. */
    readonly digest: string;
    readonly duplicates: number;
    /** Stamped records past the bound of the bitmaps, not checked for duplicates. */
    readonly unchecked: number;
  };
  readonly shards: readonly AuditShard[];
  readonly producers: readonly AuditProducer[];
  readonly faults: readonly FaultCount[];
  readonly storage: {
    readonly heldBytes: number;
    /** Records no longer held: for the bound of memory, and for the retention. */
    readonly droppedRecords: number;
    readonly expiredRecords: number;
  };
}

interface AuditCounts {
  total: number;
  succeeded: number;
  partial: number;
  cutBefore: number;
  cutAfter: number;
  failed: Record<string, number>;
  accepted: number;
  acceptedBytes: number;
  throttled: number;
  internalFailures: number;
  userRecords: number;
  userBytes: number;
  aggregates: number;
}

const NO_COUNTS: Omit<AuditCounts, 'failed'> = {
  total: 0,
  succeeded: 0,
  partial: 0,
  cutBefore: 0,
  cutAfter: 0,
  accepted: 0,
  acceptedBytes: 0,
  throttled: 0,
  internalFailures: 0,
  userRecords: 0,
  userBytes: 0,
  aggregates: 0,
};

/** An audit's numbers as data, to go on with later. */
export interface AuditState {
  readonly counts: AuditCounts;
  readonly stamps: StampState;
}

export class Audit {
  readonly #readsContents: boolean;
  #counts: AuditCounts = { ...NO_COUNTS, failed: {} };
  readonly #stamps = new StampLedger();
  readonly #visit = (bytes: Uint8Array, start: number, end: number) => {
    this.#counts.userBytes += end - start;
    this.#stamps.count(bytes, start, end);
  };

  /** @param readsContents {@link CoreOptions.readsContents} */
  constructor(readsContents: boolean) {
    this.#readsContents = readsContents;
  }

  /** A call was refused as a whole. */
  callFailed(type: string): void {
    this.#counts.total++;
    this.#counts.failed[type] = (this.#counts.failed[type] ?? 0) + 1;
  }

  /** A call's connection is cut; `isStored` tells whether its records are in the stream. */
  callCut(isStored: boolean): void {
    this.#counts.total++;
    if (isStored) this.#counts.cutAfter++;
    else this.#counts.cutBefore++;
  }

  callAnswered(refusedCount: number): void {
    this.#counts.total++;
    if (refusedCount === 0) this.#counts.succeeded++;
    else this.#counts.partial++;
  }

  /** Counts the records of a call after admission. */
  records(call: PutCall, shards: readonly ShardState[]): void {
    for (let i = 0; i < call.count; i++) {
      const outcome = call.recordOutcome[i];
      if (outcome === ACCEPTED) {
        this.#acceptRecord(call, i);
        continue;
      }
      const shard = shards[call.shard[i] as number] as ShardState;
      if (outcome === THROTTLED) {
        this.#counts.throttled++;
        shard.throttledRecords++;
      } else {
        this.#counts.internalFailures++;
        shard.failedRecords++;
      }
    }
  }

  #acceptRecord(call: PutCall, i: number): void {
    const keyBytes = (call.keyEnd[i] as number) - (call.keyStart[i] as number);
    const dataStart = call.dataStart[i] as number;
    this.accept(call.body, keyBytes, dataStart, call.dataEnd[i] as number);
  }

  /** Counts a record that was stored. */
  accept(bytes: Uint8Array, keyBytes: number, dataStart: number, dataEnd: number): void {
    const counts = this.#counts;
    counts.accepted++;
    counts.acceptedBytes += dataEnd - dataStart + keyBytes;
    if (!this.#readsContents) return;
    const userRecords = visitUserRecords(bytes, dataStart, dataEnd, this.#visit);
    counts.userRecords += userRecords;
    if (userRecords > 1) counts.aggregates++;
  }

  state(): AuditState {
    return { counts: this.#counts, stamps: this.#stamps.state() };
  }

  /** Goes on from a {@link state}. */
  restore({ counts, stamps }: AuditState): void {
    this.#counts = { ...counts, failed: { ...counts.failed } };
    this.#stamps.restore(stamps);
  }

  report(
    shards: readonly AuditShard[],
    faults: readonly FaultCount[],
    storage: AuditReport['storage'],
  ): AuditReport {
    return {
      requests: {
        total: this.#counts.total,
        succeeded: this.#counts.succeeded,
        partial: this.#counts.partial,
        failed: { ...this.#counts.failed },
        cutBefore: this.#counts.cutBefore,
        cutAfter: this.#counts.cutAfter,
      },
      kinesisRecords: {
        accepted: this.#counts.accepted,
        acceptedBytes: this.#counts.acceptedBytes,
        refused: {
          ProvisionedThroughputExceededException: this.#counts.throttled,
          InternalFailure: this.#counts.internalFailures,
        },
      },
      userRecords: {
        accepted: this.#counts.userRecords,
        bytes: this.#counts.userBytes,
        aggregates: this.#counts.aggregates,
        stamped: this.#stamps.stamped,
        digest: this.#stamps.digest(),
        duplicates: this.#stamps.duplicates,
        unchecked: this.#stamps.unchecked,
      },
      shards,
      producers: this.#stamps.producers(),
      faults,
      storage,
    };
  }
}
