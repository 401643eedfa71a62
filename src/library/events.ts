import { EventEmitter } from 'node:events';
import type { ProducerEvents } from './environment.ts';

/**
 * Tells listeners, in turns of their own: whatever happens in the pipeline has happened by then. So a listener may put,
 * and one that throws is an uncaught error, as with any emitter, and costs no record.
 */
export class Events {
  readonly #emitter = new EventEmitter<ProducerEvents>();

  emit<E extends keyof ProducerEvents>(event: E, ...args: ProducerEvents[E]): void {
    if (this.#emitter.listenerCount(event) === 0) return;
    queueMicrotask(() => this.#emitter.emit(event, ...(args as never)));
  }

  on<E extends keyof ProducerEvents>(
    event: E,
    listener: (...args: ProducerEvents[E]) => void,
  ): void {
    this.#emitter.on(event, listener as never);
  }

  off<E extends keyof ProducerEvents>(
    event: E,
    listener: (...args: ProducerEvents[E]) => void,
  ): void {
    this.#emitter.off(event, listener as never);
  }
}
