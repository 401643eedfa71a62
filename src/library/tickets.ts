import type { Receiver } from './batch.ts';
import type { Incoming } from './incoming.ts';
import type { Attempt, ProducerRecord } from './results.ts';

/** What is known of a record that was refused. */
export interface Past {
  readonly attempts: Attempt[];
  /** End of the last attempt. */
  sinceUs: number;
  /** Shard of that, as expected or as told; -1 where neither is known. */
  shard: number;
}

/**
 * The records of one stream that were put and are not settled: parallel arrays, a record is a place in them, and that is
 * its tag in the pipeline. Grows to the most that were outstanding at once.
 */
export class Tickets {
  readonly receivers: Receiver[] = [];
  /** The caller's own, or the place in the batch. */
  readonly tokens: unknown[] = [];
  /** Of a record that is to be handed back when it fails. */
  readonly records: (ProducerRecord | null)[] = [];
  readonly pasts: (Past | null)[] = [];
  /** When it was put; NaN where there is no record. */
  putUs = new Float64Array(0);
  /** Number of the put within its stream. */
  serial = new Float64Array(0);
  readonly #free: number[] = [];

  take({ receiver, token, record, putUs }: Incoming, serial: number): number {
    const ticket = this.#free.pop() ?? this.#add();
    this.receivers[ticket] = receiver;
    this.tokens[ticket] = token;
    this.records[ticket] = record;
    this.putUs[ticket] = putUs;
    this.serial[ticket] = serial;
    return ticket;
  }

  /** It is settled. */
  release(ticket: number): void {
    this.receivers[ticket] = null;
    this.tokens[ticket] = undefined;
    this.records[ticket] = null;
    this.pasts[ticket] = null;
    this.putUs[ticket] = Number.NaN;
    this.#free.push(ticket);
  }

  /** When the oldest was put; Infinity when there is none. Looks at them all. */
  oldestPutUs(): number {
    let oldestUs = Number.POSITIVE_INFINITY;
    for (const putUs of this.putUs) if (putUs < oldestUs) oldestUs = putUs;
    return oldestUs;
  }

  #add(): number {
    const ticket = this.receivers.length;
    if (ticket === this.putUs.length) this.#widen(Math.max(256, ticket * 2));
    this.receivers.push(null);
    this.tokens.push(undefined);
    this.records.push(null);
    this.pasts.push(null);
    return ticket;
  }

  #widen(capacity: number): void {
    const putUs = new Float64Array(capacity).fill(Number.NaN);
    putUs.set(this.putUs);
    this.putUs = putUs;
    const serial = new Float64Array(capacity);
    serial.set(this.serial);
    this.serial = serial;
  }
}
