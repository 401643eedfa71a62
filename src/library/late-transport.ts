import { SERVICE_UNAVAILABLE } from '../kinesis/error-codes.ts';
import type { PutRecordsRequest, Transport } from '../kinesis/put-records.ts';

/** A transport that is still being opened: calls wait until it is, or fails. As many wait as may be in flight. */
export class LateTransport implements Transport {
  #inner: Transport | null = null;
  #early: { readonly request: PutRecordsRequest; readonly done: () => void }[] = [];

  /** Calls that wait for the opening have no body yet. */
  get bodyCopies(): number {
    return this.#inner?.bodyCopies ?? 0;
  }

  open(inner: Transport): void {
    this.#inner = inner;
    for (const { request, done } of this.#early.splice(0)) inner.send(request, done);
  }

  send(request: PutRecordsRequest, done: () => void): void {
    if (this.#inner !== null) this.#inner.send(request, done);
    else this.#early.push({ request, done });
  }

  async close(): Promise<void> {
    const early = this.#early.splice(0);
    for (const { request, done } of early) {
      request.answer.fail('failed', SERVICE_UNAVAILABLE, 'the transport was never opened');
      done();
    }
    await this.#inner?.close();
  }
}
