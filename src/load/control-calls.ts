/**
 * Calls about the stream that a load thread has the main thread make: shards listed, credentials fetched. So the AWS SDK is
 * loaded once and not in every thread, where it would hold memory, and where loading it in the middle of a run, for a stream
 * that is resharded, would keep records from being made. Both ends are here; a thread has one call of each kind out at a time.
 */
import { describeCause } from '../core/errors.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import type { Shard } from '../kinesis/shard.ts';
import type { CredentialProvider, ExpiringCredentials } from '../transport/credential-source.ts';

export type ControlCall =
  | { readonly kind: 'list-shards'; readonly streamName: string }
  | { readonly kind: 'fetch-credentials' };

export type ControlAnswer =
  | {
      readonly kind: 'shards';
      /** null: the listing failed, for this reason. */
      readonly shards: readonly Shard[] | null;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly kind: 'credentials';
      /** null: there are none, for this reason. */
      readonly credentials: ExpiringCredentials | null;
      readonly message: string;
    };

/** What is really called, in the main thread. */
export interface ControlTarget {
  readonly listOpenShards: ListOpenShards;
  readonly fetchCredentials: CredentialProvider;
}

/** The end in a load thread. */
export class ControlCalls {
  readonly #send: (call: ControlCall) => void;
  #onShards: Parameters<ListOpenShards>[1] | null = null;
  #onCredentials: ((answer: ControlAnswer & { kind: 'credentials' }) => void) | null = null;

  constructor(send: (call: ControlCall) => void) {
    this.#send = send;
  }

  readonly listOpenShards: ListOpenShards = (streamName, done) => {
    this.#onShards = done;
    this.#send({ kind: 'list-shards', streamName });
  };

  readonly fetchCredentials: CredentialProvider = () =>
    new Promise((resolve, reject) => {
      this.#onCredentials = ({ credentials, message }) => {
        if (credentials === null) reject(new Error(message));
        else resolve(credentials);
      };
      this.#send({ kind: 'fetch-credentials' });
    });

  hear(answer: ControlAnswer): void {
    if (answer.kind === 'shards') {
      const done = this.#onShards;
      this.#onShards = null;
      done?.(answer.shards, answer.code, answer.message);
    } else {
      const done = this.#onCredentials;
      this.#onCredentials = null;
      done?.(answer);
    }
  }
}

/** The end in the main thread: makes the call and gives its answer out, once, whatever comes of it. */
export function answerControlCall(
  call: ControlCall,
  target: ControlTarget,
  answer: (answer: ControlAnswer) => void,
): void {
  if (call.kind === 'list-shards') {
    target.listOpenShards(call.streamName, (shards, code, message) =>
      answer({ kind: 'shards', shards, code, message }),
    );
    return;
  }
  target.fetchCredentials().then(
    (credentials) => answer({ kind: 'credentials', credentials, message: '' }),
    (thrown) => answer({ kind: 'credentials', credentials: null, message: describeCause(thrown) }),
  );
}
