import { StampDigest } from './stamp-digest.ts';
import { StampView } from './user-records.ts';

/** Bytes of all bitmaps together: two thousand million records. */
const BITMAP_BYTES_MAX = 256 * 1024 * 1024;
const BITMAP_INITIAL_WORDS = 1024;
/** Runs that are told apart; stamps of further ones are not checked. */
const RUNS_MAX = 64;

export interface AuditProducer {
  /** Sixteen hex digits. */
  readonly runId: string;
  readonly producer: number;
  /** Stamped user records stored, and how many different sequences they carried. */
  readonly records: number;
  readonly distinct: number;
  readonly duplicates: number;
  readonly sequenceMax: number;
  /**
   * Sixteen hex digits over sequence and length of each different record, independent of their order: the same for
   * the same set of records, and for another one by chance only.
   */
  readonly digest: string;
}

/** A ledger as data. */
export interface StampState {
  readonly stamped: number;
  readonly duplicates: number;
  readonly unchecked: number;
  readonly producers: readonly {
    readonly runHigh: number;
    readonly runLow: number;
    readonly producer: number;
    readonly records: number;
    readonly duplicates: number;
    readonly sequenceMax: number;
    readonly digest: string;
    readonly bits: Uint32Array;
  }[];
}

/** Which sequences of one producer were seen: a bit each. */
class ProducerLedger {
  bits = new Uint32Array(0);
  records = 0;
  duplicates = 0;
  sequenceMax = -1;
  readonly digest = new StampDigest();
}

/** The producers of one run, by number. */
class RunLedger {
  readonly high: number;
  readonly low: number;
  readonly producers: (ProducerLedger | undefined)[] = [];

  constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }
}

/**
 * Finds duplicates by stamp. Bounded: past a number of runs or a size of bitmaps, stamps are counted in `unchecked` and
 * no more.
 */
export class StampLedger {
  stamped = 0;
  duplicates = 0;
  unchecked = 0;
  readonly #stamp = new StampView();
  readonly #runs: RunLedger[] = [];
  #bitmapBytes = 0;

  /** Counts the stamp that a user record begins with, if there is one. */
  count(bytes: Uint8Array, start: number, end: number): void {
    const stamp = this.#stamp;
    if (!stamp.read(bytes, start, end)) return;
    this.stamped++;
    const run = this.#run(stamp.runHigh, stamp.runLow);
    if (run === null) {
      this.unchecked++;
      return;
    }
    run.producers[stamp.producer] ??= new ProducerLedger();
    this.#mark(run.producers[stamp.producer] as ProducerLedger, stamp.sequence, end - start);
  }

  /** One entry a producer, runs in the order in which they were first seen. */
  producers(): AuditProducer[] {
    const hex = (value: number) => value.toString(16).padStart(8, '0');
    return this.#runs.flatMap(({ high, low, producers }) =>
      producers.flatMap((ledger, producer) => {
        if (ledger === undefined) return [];
        const { records, duplicates, sequenceMax, digest } = ledger;
        const distinct = records - duplicates;
        return {
          runId: hex(high) + hex(low),
          producer,
          records,
          distinct,
          duplicates,
          sequenceMax,
          digest: digest.text(),
        };
      }),
    );
  }

  /** Of all producers' records together. */
  digest(): string {
    const sum = new StampDigest();
    for (const { producers } of this.#runs) {
      for (const ledger of producers) if (ledger !== undefined) sum.addAll(ledger.digest);
    }
    return sum.text();
  }

  state(): StampState {
    const { stamped, duplicates, unchecked } = this;
    const producers = this.#runs.flatMap(({ high, low, producers: ledgers }) =>
      ledgers.flatMap((ledger, producer) => {
        if (ledger === undefined) return [];
        const { bits, digest, ...counts } = ledger;
        const words = bits.subarray(0, Math.floor(ledger.sequenceMax / 32) + 1);
        const place = { runHigh: high, runLow: low, producer };
        return { ...place, ...counts, digest: digest.text(), bits: words };
      }),
    );
    return { stamped, duplicates, unchecked, producers };
  }

  /** Goes on from a {@link state}; for a ledger that has counted nothing. */
  restore(state: StampState): void {
    this.stamped = state.stamped;
    this.duplicates = state.duplicates;
    this.unchecked = state.unchecked;
    for (const { runHigh, runLow, producer, bits, digest, ...counts } of state.producers) {
      const run = this.#run(runHigh, runLow);
      if (run === null) continue;
      const ledger = new ProducerLedger();
      if (bits.length > 0) this.#widen(ledger, bits.length - 1);
      ledger.bits.set(bits.subarray(0, ledger.bits.length));
      Object.assign(ledger, counts);
      ledger.digest.setText(digest);
      run.producers[producer] = ledger;
    }
  }

  #run(high: number, low: number): RunLedger | null {
    for (const run of this.#runs) if (run.low === low && run.high === high) return run;
    if (this.#runs.length === RUNS_MAX) return null;
    const run = new RunLedger(high, low);
    this.#runs.push(run);
    return run;
  }

  #mark(ledger: ProducerLedger, sequence: number, bytes: number): void {
    const word = Math.floor(sequence / 32);
    if (word >= ledger.bits.length && !this.#widen(ledger, word)) {
      this.unchecked++;
      return;
    }
    ledger.records++;
    ledger.sequenceMax = Math.max(ledger.sequenceMax, sequence);
    const bit = 1 << (sequence % 32);
    const before = ledger.bits[word] as number;
    if ((before & bit) !== 0) {
      ledger.duplicates++;
      this.duplicates++;
    } else ledger.digest.add(sequence, bytes);
    ledger.bits[word] = before | bit;
  }

  #widen(ledger: ProducerLedger, word: number): boolean {
    let words = Math.max(BITMAP_INITIAL_WORDS, ledger.bits.length);
    while (words <= word) words *= 2;
    const added = (words - ledger.bits.length) * 4;
    if (this.#bitmapBytes + added > BITMAP_BYTES_MAX) return false;
    const bits = new Uint32Array(words);
    bits.set(ledger.bits);
    ledger.bits = bits;
    this.#bitmapBytes += added;
    return true;
  }
}
