import type { Receiver } from './batch.ts';
import type { ProducerRecord } from './results.ts';

const NOTHING = new Uint8Array(0);

/** The record that is being put: filled in for each, so that none is made. Read at once, never kept. */
export class Incoming {
  partitionKey = '';
  explicitHashKey: string | bigint | undefined = undefined;
  /** Of these two, in the key table's generation of now. */
  keyId = 0;
  /** The payload is `bytes[start, start + length)`. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  length = 0;
  /** Whether the caller may overwrite these bytes after the call. */
  isLent = false;
  /** To be handed back when it fails; null: it is not. */
  record: ProducerRecord | null = null;
  receiver: Receiver = null;
  token: unknown = undefined;
  putUs = 0;

  setData(data: Uint8Array | string): void {
    this.bytes = typeof data === 'string' ? Buffer.from(data) : data;
    this.start = 0;
    this.length = this.bytes.length;
    this.isLent = false;
  }

  /** The payload as bytes that stay as they are. */
  keepData(): Uint8Array {
    const { bytes, start, length, isLent } = this;
    // A Buffer's slice would be a view.
    return isLent ? new Uint8Array(bytes.subarray(start, start + length)) : bytes;
  }
}
