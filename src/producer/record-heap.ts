import type { KinesisRecord } from './kinesis-record.ts';

/** Kinesis records by deadline, earliest first. A binary heap; its owner bounds it. */
export class RecordHeap {
  readonly #heap: KinesisRecord[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): KinesisRecord | undefined {
    return this.#heap[0];
  }

  push(record: KinesisRecord): void {
    const heap = this.#heap;
    let at = heap.push(record) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent] as KinesisRecord;
      if (other.deadlineUs <= record.deadlineUs) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = record;
  }

  pop(): KinesisRecord {
    const heap = this.#heap;
    const top = heap[0] as KinesisRecord;
    const last = heap.pop() as KinesisRecord;
    if (heap.length > 0) this.#sink(last);
    return top;
  }

  /** Takes out every record that `isTaken` says yes to, earliest deadline first among them not guaranteed. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const kept: KinesisRecord[] = [];
    const taken: KinesisRecord[] = [];
    for (const record of this.#heap) (isTaken(record) ? taken : kept).push(record);
    this.#heap.length = 0;
    for (const record of kept) this.push(record);
    for (const record of taken) take(record);
  }

  #sink(record: KinesisRecord): void {
    const heap = this.#heap;
    const length = heap.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.deadlineUs < (heap[child] as KinesisRecord).deadlineUs)
        child++;
      const other = heap[child] as KinesisRecord;
      if (other.deadlineUs >= record.deadlineUs) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = record;
  }
}
