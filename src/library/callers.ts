import type { OnSettled, RecordError, RecordResult } from './results.ts';

/** What is known here of a record: whom to tell, and what to hand back. */
interface Ticket {
  readonly onSettled: OnSettled | null;
  readonly token: unknown;
}

/**
 * Tells callers how their records ended, in the order in which they did, one turn of the microtasks for all that ended
 * together. A caller that throws is reported as an uncaught error and keeps nobody else from being told.
 */
export class Callers {
  #tickets: Ticket[] = [];
  #errors: (RecordError | null)[] = [];
  #results: (RecordResult | null)[] = [];
  readonly #later: (run: () => void) => void;

  /** @param later runs a function when the pipeline has done its step */
  constructor(later: (run: () => void) => void) {
    this.#later = later;
  }

  /** One of error and result is null. */
  add(ticket: Ticket, error: RecordError | null, result: RecordResult | null): void {
    if (ticket.onSettled === null) return;
    if (this.#tickets.length === 0) this.#later(this.#tell);
    this.#tickets.push(ticket);
    this.#errors.push(error);
    this.#results.push(result);
  }

  readonly #tell = (): void => {
    const tickets = this.#tickets;
    const errors = this.#errors;
    const results = this.#results;
    this.#tickets = [];
    this.#errors = [];
    this.#results = [];
    this.#tellFrom(0, tickets, errors, results);
  };

  #tellFrom(
    first: number,
    tickets: readonly Ticket[],
    errors: readonly (RecordError | null)[],
    results: readonly (RecordResult | null)[],
  ): void {
    let at = first;
    try {
      while (at < tickets.length) {
        const i = at++;
        const ticket = tickets[i];
        ticket?.onSettled?.(errors[i] ?? null, results[i] ?? null, ticket.token);
      }
    } finally {
      // The error goes its way; the others are told next.
      if (at < tickets.length) this.#later(() => this.#tellFrom(at, tickets, errors, results));
    }
  }
}
