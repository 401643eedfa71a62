import { ByteBudget, SequenceSet } from '../core/sequence-set.ts';
import { NOT_ACCEPTED, NOTE_VALUES, UNCERTAIN } from './delivery-notes.ts';
import type { DeliveryDelta } from './frame.ts';

/** Bytes of all bitmaps together; past it, sequences are counted and no more. */
const BITMAP_BYTES_MAX = 64 * 1024 * 1024;

/** What one producer's records came to, as far as a reader must know. */
export interface ProducerDelivery {
  /** Sequences 0 … offered-1 were due. */
  offered: number;
  readonly notAccepted: SequenceSet;
  readonly uncertain: SequenceSet;
  readonly repeated: SequenceSet;
}

/** All workers' notes of a run, merged. */
export class DeliveryTotals {
  /** By producer; undefined where nothing was heard of it. */
  readonly producers: (ProducerDelivery | undefined)[] = [];
  /** Noted sequences that are not kept, for want of room. */
  unkept = 0;
  readonly #budget = new ByteBudget(BITMAP_BYTES_MAX);

  add({ offered, notes, dropped }: DeliveryDelta): void {
    for (let i = 0; i < offered.length; i += 2) {
      const delivery = this.#producer(offered[i] as number);
      delivery.offered = Math.max(delivery.offered, offered[i + 1] as number);
    }
    for (let i = 0; i < notes.length; i += NOTE_VALUES) {
      const delivery = this.#producer(notes[i + 1] as number);
      const set = setOf(delivery, notes[i] as number);
      this.unkept += set.addRange(notes[i + 2] as number, notes[i + 3] as number);
    }
    this.unkept += dropped;
  }

  #producer(number: number): ProducerDelivery {
    let delivery = this.producers[number];
    if (delivery === undefined) {
      delivery = {
        offered: 0,
        notAccepted: new SequenceSet(this.#budget),
        uncertain: new SequenceSet(this.#budget),
        repeated: new SequenceSet(this.#budget),
      };
      this.producers[number] = delivery;
    }
    return delivery;
  }
}

function setOf(delivery: ProducerDelivery, kind: number): SequenceSet {
  if (kind === NOT_ACCEPTED) return delivery.notAccepted;
  return kind === UNCERTAIN ? delivery.uncertain : delivery.repeated;
}
