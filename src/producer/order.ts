/**
 * Ordered mode: records of one partition key are stored in the order in which they came. In: closed Kinesis records. Out:
 * the same, one a lane (lanes.ts). When a record cannot go on as it is, or the shard map has changed, nothing passes
 * until all calls in flight have ended; then everything starts anew in its first order, at a turn of its own.
 */
import type { KinesisRecord } from './kinesis-record.ts';
import { Lanes } from './lanes.ts';
import type { ShardMap } from './shard-map.ts';

export interface OrderOptions {
  readonly aggregates: boolean;
  readonly shardMap: ShardMap;
  readonly onPassed: (record: KinesisRecord) => void;
  /** Calls in flight. */
  readonly inFlight: () => number;
  /** Everything that waits in another stage. */
  readonly takeOut: () => KinesisRecord[];
  /** Sends the user records of all these on their way again, in the order in which they came. */
  readonly reorder: (taken: readonly KinesisRecord[], nowUs: number) => void;
  readonly onRestored: () => void;
  /** When the last user record of a Kinesis record expires. */
  readonly endOf: (record: KinesisRecord) => number;
  /** A record that waits here has wholly expired. That leaves a gap, no disorder. */
  readonly onExpired: (record: KinesisRecord, nowUs: number) => void;
}

export class Order {
  readonly #options: OrderOptions;
  readonly #lanes: Lanes;
  /** Taken out while order is restored. */
  #unordered: KinesisRecord[] = [];
  /** When order can be restored, unless calls are in flight then. */
  #restoreUs = Number.POSITIVE_INFINITY;
  /** Earliest expiration among those taken out; may be too early, never too late. */
  #expirationUs = Number.POSITIVE_INFINITY;
  #isOver = false;

  constructor(options: OrderOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.aggregates, options.onPassed);
  }

  /** When it wants to be advanced; Infinity while all goes its way. */
  get nextUs(): number {
    return Math.min(this.#restoreUs, this.#expirationUs, this.#lanes.expirationUs);
  }

  enter(record: KinesisRecord): void {
    this.#lanes.enter(record);
  }

  /** The record is settled, or is taken apart: the next of its lane may go. */
  leave(record: KinesisRecord): void {
    this.#lanes.leave(record);
  }

  /** A record cannot go on as it is: no later one may overtake its user records. */
  keep(record: KinesisRecord, nowUs: number): void {
    this.#takeOver(record);
    this.restart(nowUs);
  }

  restart(nowUs: number): void {
    this.#lanes.pause((record) => this.#takeOver(record));
    for (const record of this.#options.takeOut()) this.#takeOver(record);
    this.#restoreUs = nowUs;
  }

  /** A call has ended. */
  requestEnded(nowUs: number): void {
    if (this.#lanes.isPaused) this.#restore(nowUs);
  }

  advance(nowUs: number): void {
    if (Math.min(this.#expirationUs, this.#lanes.expirationUs) <= nowUs) this.#expire(nowUs);
    if (this.#restoreUs <= nowUs) this.#restore(nowUs);
  }

  /** Everything that it holds, for good: nothing passes any more. */
  giveUp(): KinesisRecord[] {
    const taken: KinesisRecord[] = [];
    this.#isOver = true;
    this.#lanes.pause((record) => taken.push(record));
    return [...taken, ...this.#lanes.takePaused(), ...this.#unordered.splice(0)];
  }

  #takeOver(record: KinesisRecord): void {
    this.#unordered.push(record);
    this.#expirationUs = Math.min(this.#expirationUs, record.expirationUs);
  }

  #expire(nowUs: number): void {
    const { endOf, onExpired } = this.#options;
    const waited = this.#unordered;
    const expired = this.#lanes.takeExpired(nowUs, endOf);
    this.#unordered = [];
    this.#expirationUs = Number.POSITIVE_INFINITY;
    for (const record of waited) {
      const endUs = endOf(record);
      if (endUs <= nowUs) expired.push(record);
      else {
        this.#unordered.push(record);
        this.#expirationUs = Math.min(this.#expirationUs, endUs);
      }
    }
    for (const record of expired) onExpired(record, nowUs);
  }

  #restore(nowUs: number): void {
    const { inFlight, shardMap, takeOut, reorder, onRestored } = this.#options;
    this.#restoreUs = Number.POSITIVE_INFINITY;
    if (inFlight() > 0 || this.#isOver) return;
    const expirationUs = Math.min(...this.#unordered.map((record) => record.expirationUs));
    if (this.#unordered.length > 0 && shardMap.isUpdating && nowUs < expirationUs) {
      this.#restoreUs = expirationUs;
      return;
    }
    const taken = [...this.#unordered.splice(0), ...this.#lanes.takePaused(), ...takeOut()];
    reorder(taken, nowUs);
    this.#lanes.resume();
    onRestored();
  }
}
