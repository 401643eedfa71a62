/** SubscribeToShard: an answer that goes on for up to five minutes. */
import type { ServerResponse } from 'node:http';
import type { Simulator } from '../core/simulator.ts';
import type { Input } from '../operations/input.ts';
import { subscribeToShard } from '../operations/subscribe-to-shard.ts';
import { encodeCbor } from './cbor.ts';
import { eventMessage } from './event-stream.ts';
import type { Response } from './exchange.ts';
import { encodeJson } from './json.ts';
import type { Protocol } from './protocol.ts';

/**
 * Begins the subscription and writes its events to the response. A client that does not read pauses its subscription,
 * so nothing piles up here.
 * @throws ServiceError before anything is written
 */
export function subscribe(
  simulator: Simulator,
  input: Input,
  protocol: Protocol,
  response: Response,
  headers: Readonly<Record<string, string>>,
): void {
  // The two response classes have the same calls with other types, so the union cannot be called.
  const out = response as ServerResponse;
  const encode = protocol === 'json' ? encodeJson : encodeCbor;
  const contentType = `application/x-amz-${protocol}-1.1`;
  const write = (type: string, payload: Uint8Array) => {
    const isTaken = out.write(
      eventMessage(
        [
          [':message-type', 'event'],
          [':event-type', type],
          [':content-type', contentType],
        ],
        payload,
      ),
    );
    if (!isTaken) subscription.pause();
  };
  const subscription = subscribeToShard(simulator, input, {
    event: (event) => write('SubscribeToShardEvent', encode(event)),
    ended: () => out.end(),
  });
  out.on('drain', () => subscription.resume());
  out.on('close', () => subscription.end());
  out.writeHead(200, { ...headers, 'Content-Type': 'application/vnd.amazon.eventstream' });
  write('initial-response', encode({}));
}
