import type { UserRecords } from './user-records.ts';

/** Whether the buffer takes another record; tells once when it does again after it refused one. */
export class Room {
  readonly #records: UserRecords;
  readonly #bytesMax: number;
  readonly #onRoom: () => void;
  #wasRefused = false;

  constructor(records: UserRecords, bytesMax: number, onRoom: () => void) {
    this.#records = records;
    this.#bytesMax = bytesMax;
    this.#onRoom = onRoom;
  }

  /** Whether the next record is refused; then `onRoom` follows. */
  isFull(): boolean {
    if (this.#records.bufferedBytes < this.#bytesMax) return false;
    this.#wasRefused = true;
    return true;
  }

  /** Something was settled. */
  tell(): void {
    if (!this.#wasRefused || this.#records.bufferedBytes >= this.#bytesMax) return;
    this.#wasRefused = false;
    this.#onRoom();
  }
}
