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
  /** {@link payloadOf}, by place; of `#viewed`, which was the payloads' buffer then. */
  readonly #views: (Uint8Array | undefined)[];
  /** Where each of them starts: to ask a view for it is a call. */
  readonly #viewStart: Uint32Array;
  #viewed: Uint8Array;

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
    this.#views = new Array(capacity).fill(undefined);
    this.#viewStart = new Uint32Array(capacity);
    this.#viewed = this.payloads.bytes;
  }

  /**
   * The payload of record `i`. The view is kept: where all payloads have one size, those of the next block lie where these
   * do, and none is made for a record.
   */
  payloadOf(i: number): Uint8Array {
    const { bytes } = this.payloads;
    if (this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#views.fill(undefined);
    }
    const start = this.payloadStart[i] as number;
    const length = this.payloadLength[i] as number;
    const kept = this.#views[i];
    if (kept !== undefined && this.#viewStart[i] === start && kept.length === length) return kept;
    const view = bytes.subarray(start, start + length);
    this.#views[i] = view;
    this.#viewStart[i] = start;
    return view;
  }

  clear(): void {
    this.count = 0;
    this.payloads.clear();
  }
}
