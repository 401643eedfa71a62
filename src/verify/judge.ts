/**
 * What was accepted against what was found. In: an audit and what a run says of its records. Out: how many are lost, found
 * twice, and so on, and where. Pure.
 */
import type { SequenceSet } from '../core/sequence-set.ts';
import type { Audit, ProducerFound } from './audit.ts';
import { type Gap, GapList } from './gaps.ts';

/** What a run says of one producer's records; all that is in no set was accepted, by one attempt. */
export interface ProducerExpectation {
  /** Its sequences 0 … offered-1 were due. */
  readonly offered: number;
  /** Ended failed, expired or dropped. */
  readonly notAccepted: SequenceSet;
  /** Given up after an attempt whose answer never came. */
  readonly uncertain: SequenceSet;
  /** An attempt had no answer or landed in a wrong shard. */
  readonly repeated: SequenceSet;
}

export interface Expectation {
  /** By producer; undefined: it had no records. */
  readonly producers: readonly (ProducerExpectation | undefined)[];
  readonly workers: number;
  /** '' when the sets are whole; otherwise only counts are compared. */
  readonly problem: string;
  /** User records accepted, by the run's own count. */
  readonly accepted: number;
}

export interface Judgement {
  /** `sequences`: each record is accounted for. `counts`: the run could not list its failures, so losses are a lower bound. */
  readonly basis: 'sequences' | 'counts';
  /** Accepted user records, which the stream must hold. */
  readonly expected: number;
  /** Of those, found at least once. */
  readonly found: number;
  readonly lost: number;
  /** Given up without an answer: found and not found. Either is right. */
  readonly uncertainFound: number;
  readonly uncertainAbsent: number;
  /** Copies beyond the first: of records with an attempt without an answer, and of others. */
  readonly duplicatesExpected: number;
  readonly duplicatesUnexplained: number;
  /** Found though the run says that they were refused for good. */
  readonly foundThoughRefused: number;
  /** Stamped with producers or sequences that the run never had. */
  readonly impossible: number;
  readonly gaps: readonly Gap[];
  readonly gapsJoinedWithin: number;
}

export function judge(audit: Audit, expectation: Expectation): Judgement {
  const tally = new Tally(audit, expectation);
  const producers = Math.max(expectation.producers.length, audit.producers.length);
  for (let producer = 0; producer < producers; producer++) tally.producer(producer);
  return tally.judgement();
}

class Tally {
  readonly #audit: Audit;
  readonly #expectation: Expectation;
  readonly #gaps: GapList;
  readonly #isWhole: boolean;
  #expected = 0;
  #found = 0;
  #uncertainFound = 0;
  #uncertainAbsent = 0;
  #duplicatesExpected = 0;
  #duplicatesUnexplained = 0;
  #foundThoughRefused = 0;
  #impossible = 0;

  constructor(audit: Audit, expectation: Expectation) {
    this.#audit = audit;
    this.#expectation = expectation;
    this.#gaps = new GapList(expectation.workers);
    this.#isWhole = expectation.problem === '';
  }

  producer(number: number): void {
    const expected = this.#expectation.producers[number];
    const found = this.#audit.producers[number];
    const seen = found?.seen.size ?? 0;
    if (!this.#isWhole) {
      this.#found += seen;
      this.#duplicates(number, found, expected ?? null);
      return;
    }
    const possible = expected === undefined ? 0 : this.#words(number, expected, found?.seen);
    this.#impossible += seen - possible;
    this.#duplicates(number, found, expected ?? null);
  }

  judgement(): Judgement {
    const { accepted } = this.#expectation;
    const expected = this.#isWhole ? this.#expected : accepted;
    const found = this.#isWhole ? this.#found : Math.min(accepted, this.#found);
    return {
      basis: this.#isWhole ? 'sequences' : 'counts',
      expected,
      found,
      lost: expected - found,
      uncertainFound: this.#uncertainFound,
      uncertainAbsent: this.#uncertainAbsent,
      duplicatesExpected: this.#duplicatesExpected,
      duplicatesUnexplained: this.#duplicatesUnexplained + this.#audit.counts.uncountedCopies,
      foundThoughRefused: this.#foundThoughRefused,
      impossible: this.#impossible,
      gaps: this.#gaps.gaps,
      gapsJoinedWithin: this.#gaps.joinedWithin,
    };
  }

  /** 32 sequences at a time. @returns how many of the offered ones were seen */
  #words(number: number, expected: ProducerExpectation, found: SequenceSet | undefined): number {
    const { offered, notAccepted, uncertain, repeated } = expected;
    let possible = 0;
    for (let word = 0; word * 32 < offered; word++) {
      const rest = offered - word * 32;
      const due = rest >= 32 ? -1 : (1 << rest) - 1;
      const seen = (found?.word(word) ?? 0) & due;
      const refused = notAccepted.word(word) & due;
      // What was stored in a wrong shard and then given up may be there too.
      const open = (uncertain.word(word) | (refused & repeated.word(word))) & due;
      const accepted = due & ~refused & ~open;
      possible += bits(seen);
      this.#expected += bits(accepted);
      this.#found += bits(accepted & seen);
      this.#uncertainFound += bits(open & seen);
      this.#uncertainAbsent += bits(open & ~seen);
      this.#foundThoughRefused += bits(refused & ~open & seen);
      const lost = accepted & ~seen;
      if (lost !== 0) this.#addLost(number, word, lost);
    }
    return possible;
  }

  #addLost(number: number, word: number, lost: number): void {
    for (let bit = 0; bit < 32; bit++) {
      if ((lost & (1 << bit)) !== 0) this.#gaps.add(number, word * 32 + bit);
    }
  }

  #duplicates(
    number: number,
    found: ProducerFound | undefined,
    expected: ProducerExpectation | null,
  ): void {
    const { manifold } = this.#audit;
    found?.again.forEachRange((first, count) => {
      for (let sequence = first; sequence < first + count; sequence++) {
        const copies = 1 + (manifold.get(`${number}:${sequence}`) ?? 0);
        const isExpected =
          expected?.repeated.has(sequence) === true || expected?.uncertain.has(sequence) === true;
        if (isExpected) this.#duplicatesExpected += copies;
        else this.#duplicatesUnexplained += copies;
      }
    });
  }
}

function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
