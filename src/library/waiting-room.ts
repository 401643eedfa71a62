import type { Clock, Timer } from '../core/clock.ts';
import type { Incoming } from './incoming.ts';
import { type Tickets, ticketOf } from './tickets.ts';

/** About what a record takes beside its payload and its key: its places, its callback, its result. */
export const TICKET_BYTES = 512;

export interface WaitingRecord {
  readonly partitionKey: string;
  readonly explicitHashKey: string | bigint | undefined;
  readonly data: Uint8Array;
  readonly tag: number;
}

export interface WaitingRoomOptions {
  readonly clock: Clock;
  readonly tickets: Tickets;
  readonly recordTtlUs: number;
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  readonly onExpired: (tag: number, nowUs: number) => void;
}

/** Records that wait for room, first come, first served, until their time to live ends: it counts from the put. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  #records: WaitingRecord[] = [];
  #head = 0;
  #dataBytes = 0;
  /** When the first expires. */
  #timer: Timer | null = null;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  /** Payloads of all that wait, with what belongs to each record. */
  get bytes(): number {
    return this.#dataBytes + this.count * TICKET_BYTES;
  }

  get count(): number {
    return this.#records.length - this.#head;
  }

  get isFull(): boolean {
    const { maxWaiting, maxWaitingBytes } = this.#options;
    return this.count >= maxWaiting || this.bytes >= maxWaitingBytes;
  }

  get first(): WaitingRecord | undefined {
    return this.#records[this.#head];
  }

  push(incoming: Incoming, tag: number): void {
    const { partitionKey, explicitHashKey } = incoming;
    const data = incoming.keepData();
    this.#records.push({ partitionKey, explicitHashKey, data, tag });
    this.#dataBytes += data.length;
    this.#watchExpiry();
  }

  /** Takes the first, if there is one. */
  shift(): WaitingRecord | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    this.#dataBytes -= first.data.length;
    this.#head++;
    if (this.#head >= COMPACT_AT || this.count === 0) {
      this.#records.splice(0, this.#head);
      this.#head = 0;
    }
    return first;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #watchExpiry(): void {
    const { first } = this;
    if (first === undefined || this.#timer !== null) return;
    this.#timer = this.#options.clock.setTimer(this.#endOf(first), this.#expire);
  }

  readonly #expire = (): void => {
    const { clock, onExpired } = this.#options;
    const nowUs = clock.nowUs();
    this.#timer = null;
    for (let { first } = this; first !== undefined && this.#endOf(first) <= nowUs; ) {
      this.shift();
      onExpired(first.tag, nowUs);
      first = this.first;
    }
    this.#watchExpiry();
  };

  #endOf({ tag }: WaitingRecord): number {
    const { tickets, recordTtlUs } = this.#options;
    return (tickets.putUs[ticketOf(tag)] as number) + recordTtlUs;
  }
}

const COMPACT_AT = 1024;
