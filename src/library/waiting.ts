import type { CheckedRecord } from './check.ts';
import type { Ticket } from './tickets.ts';

/** About what a ticket, its attempts and its callback take. */
export const TICKET_BYTES = 512;

export interface WaitingRecord {
  readonly checked: CheckedRecord;
  readonly ticket: Ticket;
}

/** Records that wait for room, first come, first served. Its owner bounds it. */
export class WaitingRecords {
  #records: WaitingRecord[] = [];
  #head = 0;
  #dataBytes = 0;

  /** Payloads of all that wait, with what belongs to each record. */
  get bytes(): number {
    return this.#dataBytes + this.count * TICKET_BYTES;
  }

  get count(): number {
    return this.#records.length - this.#head;
  }

  get first(): WaitingRecord | undefined {
    return this.#records[this.#head];
  }

  push(record: WaitingRecord): void {
    this.#records.push(record);
    this.#dataBytes += record.checked.data.length;
  }

  /** Takes the first, if there is one. */
  shift(): WaitingRecord | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    this.#dataBytes -= first.checked.data.length;
    this.#head++;
    if (this.#head >= COMPACT_AT || this.count === 0) {
      this.#records.splice(0, this.#head);
      this.#head = 0;
    }
    return first;
  }
}

const COMPACT_AT = 1024;
