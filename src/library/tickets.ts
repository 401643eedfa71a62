import { Batch, type Receiver } from './batch.ts';
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

/** Records that one ticket may stand for. */
export const TICKET_RECORDS_MAX = 2 ** 20;

/** The ticket of a tag. */
export const ticketOf = (tag: number): number => Math.floor(tag / TICKET_RECORDS_MAX);

/**
 * The records of one stream that were put and are not settled. Those of one call share a ticket, a place in parallel
 * arrays; a record is named by its tag, which is its ticket and its place among those. Grows to the most tickets that
 * were open at once.
 */
export class Tickets {
  readonly receivers: Receiver[] = [];
  /** The caller's own; of a batch the place in it of the ticket's first record. */
  readonly tokens: unknown[] = [];
  /** Of a record that is to be handed back when it fails; it has a ticket of its own. */
  readonly records: (ProducerRecord | null)[] = [];
  /** When it was put; NaN where there is no record. */
  putUs = new Float64Array(0);
  /** Number of the first of its puts within their stream. No flush was between them. */
  serial = new Float64Array(0);
  /** By tag. */
  readonly #pasts = new Map<number, Past>();
  /** Records that are not settled. */
  #open = new Uint32Array(0);
  readonly #free: number[] = [];
  #latest = 0;

  /** @returns the record's tag */
  take(incoming: Incoming, serial: number): number {
    const { receiver, record } = incoming;
    const latest = this.#latest;
    if (receiver instanceof Batch && record === null && this.receivers[latest] === receiver) {
      const place = (incoming.token as number) - (this.tokens[latest] as number);
      this.#open[latest] = (this.#open[latest] as number) + 1;
      return latest * TICKET_RECORDS_MAX + place;
    }
    const ticket = this.#free.pop() ?? this.#add();
    this.receivers[ticket] = receiver;
    this.tokens[ticket] = incoming.token;
    this.records[ticket] = record;
    this.putUs[ticket] = incoming.putUs;
    this.serial[ticket] = serial;
    this.#open[ticket] = 1;
    this.#latest = ticket;
    return ticket * TICKET_RECORDS_MAX;
  }

  /** It is settled. */
  release(tag: number): void {
    const ticket = ticketOf(tag);
    if (this.#pasts.size > 0) this.#pasts.delete(tag);
    const open = (this.#open[ticket] as number) - 1;
    this.#open[ticket] = open;
    if (open > 0) return;
    this.receivers[ticket] = null;
    this.tokens[ticket] = undefined;
    this.records[ticket] = null;
    this.putUs[ticket] = Number.NaN;
    this.#free.push(ticket);
  }

  /** What became of a record before; null: it was never refused. */
  pastOf(tag: number): Past | null {
    return this.#pasts.size === 0 ? null : (this.#pasts.get(tag) ?? null);
  }

  setPast(tag: number, past: Past): void {
    this.#pasts.set(tag, past);
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
    return ticket;
  }

  #widen(capacity: number): void {
    const putUs = new Float64Array(capacity).fill(Number.NaN);
    putUs.set(this.putUs);
    this.putUs = putUs;
    const serial = new Float64Array(capacity);
    serial.set(this.serial);
    this.serial = serial;
    const open = new Uint32Array(capacity);
    open.set(this.#open);
    this.#open = open;
  }
}
