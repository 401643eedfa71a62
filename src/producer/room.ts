import type { Held } from './held.ts';

/** Whether the buffer takes another record; tells once when it does again after it refused one. */
export class Room {
  readonly #held: Held;
  readonly #bytesMax: number;
  readonly #onRoom: () => void;
  #wasRefused = false;

  constructor(held: Held, bytesMax: number, onRoom: () => void) {
    this.#held = held;
    this.#bytesMax = bytesMax;
    this.#onRoom = onRoom;
  }

  /** Whether the next record is refused; then `onRoom` follows. */
  isFull(): boolean {
    if (this.#held.bufferedBytes < this.#bytesMax) return false;
    this.#wasRefused = true;
    return true;
  }

  /** Something was settled. */
  tell(): void {
    if (!this.#wasRefused || this.#held.bufferedBytes >= this.#bytesMax) return;
    this.#wasRefused = false;
    this.#onRoom();
  }
}
