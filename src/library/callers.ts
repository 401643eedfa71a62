import type { Attempt, OnSettled, RecordError } from './results.ts';
import type { Stored } from './stored.ts';

/** Ends of records that are still to be told: columns, so that no object is made for each. */
class Ends {
  count = 0;
  readonly callers: (OnSettled | null)[] = [];
  readonly tokens: unknown[] = [];
  readonly errors: (RecordError | null)[] = [];
  readonly stored: (Stored | null)[] = [];
  readonly subSequences: number[] = [];
  readonly sinceUs: number[] = [];
  readonly refused: (readonly Attempt[] | null)[] = [];

  /** Forgets what it holds on to of the first `count`; the columns stay as long as they were. */
  clear(): void {
    this.callers.fill(null, 0, this.count);
    this.tokens.fill(undefined, 0, this.count);
    this.errors.fill(null, 0, this.count);
    this.stored.fill(null, 0, this.count);
    this.refused.fill(null, 0, this.count);
    this.count = 0;
  }
}

/**
 * Tells callers how their records ended, in the order in which they did, one turn of the microtasks for all that ended
 * together. A caller that throws is reported as an uncaught error and keeps nobody else from being told. A result is made
 * when it is told, so that it need not outlive the call.
 */
export class Callers {
  #ends = new Ends();
  /** Told and empty; null while it is being told. */
  #spare: Ends | null = new Ends();
  readonly #later: (run: () => void) => void;

  /** @param later runs a function when the pipeline has done its step */
  constructor(later: (run: () => void) => void) {
    this.#later = later;
  }

  accepted(
    caller: OnSettled,
    token: unknown,
    stored: Stored,
    subSequence: number,
    sinceUs: number,
    refused: readonly Attempt[] | null,
  ): void {
    const at = this.#add(caller, token);
    const ends = this.#ends;
    ends.errors[at] = null;
    ends.stored[at] = stored;
    ends.subSequences[at] = subSequence;
    ends.sinceUs[at] = sinceUs;
    ends.refused[at] = refused;
  }

  givenUp(caller: OnSettled, token: unknown, error: RecordError): void {
    const at = this.#add(caller, token);
    const ends = this.#ends;
    ends.errors[at] = error;
    ends.stored[at] = null;
    ends.subSequences[at] = 0;
    ends.sinceUs[at] = 0;
    ends.refused[at] = null;
  }

  #add(caller: OnSettled, token: unknown): number {
    const ends = this.#ends;
    const at = ends.count++;
    if (at === 0) this.#later(this.#tell);
    ends.callers[at] = caller;
    ends.tokens[at] = token;
    return at;
  }

  readonly #tell = (): void => {
    const ends = this.#ends;
    this.#ends = this.#spare ?? new Ends();
    this.#spare = null;
    this.#tellFrom(0, ends);
  };

  #tellFrom(first: number, ends: Ends): void {
    const { count, callers, tokens, errors, stored, subSequences, sinceUs, refused } = ends;
    let at = first;
    try {
      while (at < count) {
        const i = at++;
        const result =
          stored[i]?.resultOf(
            subSequences[i] as number,
            sinceUs[i] as number,
            refused[i] ?? null,
          ) ?? null;
        callers[i]?.(errors[i] ?? null, result, tokens[i]);
      }
    } finally {
      // The error goes its way; the others are told next.
      if (at < count) this.#later(() => this.#tellFrom(at, ends));
      else {
        ends.clear();
        this.#spare = ends;
      }
    }
  }
}
