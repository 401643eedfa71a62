/** Stretches told of one by one; when there are more, neighbours are joined. */
const GAPS_MAX = 1000;

/** A stretch of one producer's sequences in which records are lost. */
export interface Gap {
  readonly producer: number;
  readonly worker: number;
  /** First and last lost sequence. */
  readonly from: number;
  readonly to: number;
  /** How many of them are lost: all, unless stretches were joined. */
  readonly lost: number;
}

/** Lost sequences as stretches. In: lost sequences, producer by producer, ascending. Bounded: joins what is near. */
export class GapList {
  gaps: Gap[] = [];
  /** Lost sequences this far apart, or nearer, count as one stretch; 1: stretches are exact. */
  joinedWithin = 1;
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  add(producer: number, sequence: number): void {
    const last = this.gaps.at(-1);
    if (last?.producer === producer && sequence - last.to <= this.joinedWithin) {
      this.gaps[this.gaps.length - 1] = { ...last, to: sequence, lost: last.lost + 1 };
      return;
    }
    const worker = producer % this.#workers;
    this.gaps.push({ producer, worker, from: sequence, to: sequence, lost: 1 });
    while (this.gaps.length > GAPS_MAX && this.joinedWithin < Number.MAX_SAFE_INTEGER) this.#join();
  }

  #join(): void {
    this.joinedWithin = Math.min(this.joinedWithin * 4, Number.MAX_SAFE_INTEGER);
    const joined: Gap[] = [];
    for (const gap of this.gaps) {
      const last = joined.at(-1);
      if (last?.producer === gap.producer && gap.from - last.to <= this.joinedWithin) {
        joined[joined.length - 1] = { ...last, to: gap.to, lost: last.lost + gap.lost };
      } else joined.push(gap);
    }
    this.gaps = joined;
  }
}
