/**
 * The unit of work on the hot path: some thousand user records as a struct of arrays, filled by generate/, read by
 * producer/. A record is an index into the arrays, never an object.
 *
 * ```
 * i            0        1        2     …  count-1        payloads
 * index        17       19       21                      ┌──────┬────┬─────────┬──
 * dueUs        1000.0   1003.1   1003.9                  │ 0    │ 1  │ 2       │ …
 * producer     0        0        1                       └──────┴────┴─────────┴──
 * keyId        4        9        4                       ▲ payloadStart[i], payloadLength[i]
 * ```
 */
import { ByteBuffer } from './byte-buffer.ts';

export class RecordBlock {
  readonly capacity: number;
  count = 0;
  /** Number of the record in the one global schedule. */
  readonly index: Float64Array;
  /** Intended start time, microseconds since the run's origin. */
  readonly dueUs: Float64Array;
  /** Producer (of all producers of the run) that owns the record. */
  readonly producer: Uint32Array;
  /** Sequence within its producer: 0, 1, 2 … */
  readonly sequence: Float64Array;
  /** Key of the record in the thread's KeyTable; valid while the block is being processed. */
  readonly keyId: Uint32Array;
  readonly payloadStart: Uint32Array;
  readonly payloadLength: Uint32Array;
  readonly payloads: ByteBuffer;

  constructor(capacity = 1024, payloadBytes = 256 * 1024) {
    this.capacity = capacity;
    this.index = new Float64Array(capacity);
    this.dueUs = new Float64Array(capacity);
    this.producer = new Uint32Array(capacity);
    this.sequence = new Float64Array(capacity);
    this.keyId = new Uint32Array(capacity);
    this.payloadStart = new Uint32Array(capacity);
    this.payloadLength = new Uint32Array(capacity);
    this.payloads = new ByteBuffer(payloadBytes);
  }

  clear(): void {
    this.count = 0;
    this.payloads.clear();
  }
}
