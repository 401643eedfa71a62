/**
 * What the simulator knows of the load it took, independent of what the producer says. In: every call and every stored
 * record. Out: a report as plain data. Bounded: a bitmap for each producer, up to a total size.
 */
import type { FaultCount } from './faults.ts';
import { ACCEPTED, type PutCall, THROTTLED } from './put-call.ts';
import type { ShardState } from './shard.ts';
import { type AuditProducer, StampLedger } from './stamp-ledger.ts';
import { visitUserRecords } from './user-records.ts';

export interface AuditShard {
  readonly stream: string;
  readonly id: string;
  readonly number: number;
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
    readonly duplicates: number;
    /** Stamped records past the bound of the bitmaps, not checked for duplicates. */
    readonly unchecked: number;
  };
  readonly shards: readonly AuditShard[];
  readonly producers: readonly AuditProducer[];
  readonly faults: readonly { readonly kind: string; readonly fired: number }[];
  readonly storage: { readonly heldBytes: number; readonly droppedRecords: number };
}

export class Audit {
  readonly #readsContents: boolean;
  #total = 0;
  #succeeded = 0;
  #partial = 0;
  #cutBefore = 0;
  #cutAfter = 0;
  #failed: Record<string, number> = {};
  #accepted = 0;
  #acceptedBytes = 0;
  #throttled = 0;
  #internalFailures = 0;
  #userRecords = 0;
  #userBytes = 0;
  #aggregates = 0;
  readonly #stamps = new StampLedger();
  readonly #visit = (bytes: Uint8Array, start: number, end: number) => {
    this.#userBytes += end - start;
    this.#stamps.count(bytes, start, end);
  };

  /** @param readsContents {@link CoreOptions.readsContents} */
  constructor(readsContents: boolean) {
    this.#readsContents = readsContents;
  }

  /** A call was refused as a whole. */
  callFailed(type: string): void {
    this.#total++;
    this.#failed[type] = (this.#failed[type] ?? 0) + 1;
  }

  /** A call's connection is cut; `isStored` tells whether its records are in the stream. */
  callCut(isStored: boolean): void {
    this.#total++;
    if (isStored) this.#cutAfter++;
    else this.#cutBefore++;
  }

  callAnswered(refusedCount: number): void {
    this.#total++;
    if (refusedCount === 0) this.#succeeded++;
    else this.#partial++;
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
        this.#throttled++;
        shard.throttledRecords++;
      } else {
        this.#internalFailures++;
        shard.failedRecords++;
      }
    }
  }

  #acceptRecord(call: PutCall, i: number): void {
    const dataStart = call.dataStart[i] as number;
    const dataEnd = call.dataEnd[i] as number;
    const keyBytes = (call.keyEnd[i] as number) - (call.keyStart[i] as number);
    const bytes = dataEnd - dataStart + keyBytes;
    this.#accepted++;
    this.#acceptedBytes += bytes;
    if (!this.#readsContents) return;
    const userRecords = visitUserRecords(call.body, dataStart, dataEnd, this.#visit);
    this.#userRecords += userRecords;
    if (userRecords > 1) this.#aggregates++;
  }

  report(
    shards: readonly AuditShard[],
    faults: readonly FaultCount[],
    storage: AuditReport['storage'],
  ): AuditReport {
    return {
      requests: {
        total: this.#total,
        succeeded: this.#succeeded,
        partial: this.#partial,
        failed: { ...this.#failed },
        cutBefore: this.#cutBefore,
        cutAfter: this.#cutAfter,
      },
      kinesisRecords: {
        accepted: this.#accepted,
        acceptedBytes: this.#acceptedBytes,
        refused: {
          ProvisionedThroughputExceededException: this.#throttled,
          InternalFailure: this.#internalFailures,
        },
      },
      userRecords: {
        accepted: this.#userRecords,
        bytes: this.#userBytes,
        aggregates: this.#aggregates,
        stamped: this.#stamps.stamped,
        duplicates: this.#stamps.duplicates,
        unchecked: this.#stamps.unchecked,
      },
      shards,
      producers: this.#stamps.producers(),
      faults: faults.map(({ kind, fired }) => ({ kind, fired })),
      storage,
    };
  }
}
