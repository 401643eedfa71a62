import type { RecordBlock } from '../core/record-block.ts';
import { STAMP_BYTES } from '../kinesis/stamp.ts';
import type { Payload } from './kinds.ts';
import type { PayloadWriter } from './payload.ts';
import { type SizeDraw, sizeBytesMax, sizeDraw } from './sizes.ts';

/** The size that a random payload would have, and no payload: for producers without contents. */
export class SizeOnly implements PayloadWriter {
  readonly bytesMax: number;
  readonly #size: SizeDraw;

  constructor(payload: Extract<Payload, { kind: 'random' }>, seed: number, isStamped: boolean) {
    this.bytesMax = sizeBytesMax(payload.size);
    this.#size = sizeDraw(payload.size, isStamped ? STAMP_BYTES : 0, seed);
  }

  write(block: RecordBlock, i: number): void {
    block.payloadStart[i] = 0;
    block.payloadLength[i] = this.#size(block.index[i] as number);
  }
}
