/**
 * The simulator's thread: a server and its core, driven by messages of the main thread. In: options at the start, then
 * requests. Out: `ready` or `failed` once, then one reply to each request.
 */
import { type ClockOrigin, clockOrigin, realClock } from '../core/clock.ts';
import { type ErrorData, toShardstormError } from '../core/errors.ts';
import type { SimulatorOptions } from './options.ts';
import { type RunningSimulator, startSimulator } from './server/server.ts';

/** What the main thread asks. */
export type HostMessage =
  | { readonly kind: 'start-clock'; readonly id: number; readonly origin: ClockOrigin }
  | { readonly kind: 'audit'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };

/** What the thread says. */
export type ThreadMessage =
  | { readonly kind: 'ready'; readonly endpoint: string }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown };

/** The part of a MessagePort that is needed. */
export interface ThreadPort {
  postMessage(message: ThreadMessage): void;
  on(event: 'message', listener: (message: HostMessage) => void): void;
  close(): void;
}

/** Runs until a `close` message. */
export async function runSimulatorThread(
  port: ThreadPort,
  options: SimulatorOptions,
): Promise<void> {
  let simulator: RunningSimulator;
  const origin = clockOrigin();
  try {
    simulator = await startSimulator(options, realClock(origin));
  } catch (thrown) {
    port.postMessage({ kind: 'failed', error: toShardstormError(thrown).toJSON() });
    port.close();
    return;
  }
  port.on('message', (message) => {
    if (message.kind === 'start-clock') {
      simulator.core.startAt(message.origin.monotonicUs - origin.monotonicUs);
      port.postMessage({ kind: 'reply', id: message.id, value: null });
    } else if (message.kind === 'audit') {
      port.postMessage({ kind: 'reply', id: message.id, value: simulator.core.audit() });
    } else {
      void simulator.close().then(() => {
        port.postMessage({ kind: 'reply', id: message.id, value: null });
        port.close();
      });
    }
  });
  port.postMessage({ kind: 'ready', endpoint: simulator.endpoint });
}
