import { clockOrigin, realClock } from '../core/clock.ts';
import type { ControlTarget } from '../load/control-calls.ts';
import type { WorkerTask } from '../load/protocol.ts';
import type { CredentialProvider } from '../transport/credential-source.ts';
import { openShardLister, type TransportOptions } from '../transport/open.ts';
import type { ResolvedAddress } from '../transport/target-address.ts';

/** What the load threads leave to the main thread: where to send, and calls about the stream. */
export interface RunControl {
  readonly settled: WorkerTask['settled'];
  readonly target: ControlTarget;
}

/** @param address as the SDK settled it; null where the transport's own address leaves nothing open */
export function runControl(
  transport: TransportOptions,
  address: ResolvedAddress | null,
): RunControl {
  const listOpenShards = openShardLister(transport, realClock(clockOrigin()));
  if (address === null) {
    const fetchCredentials = () => Promise.reject(new TypeError('credentials are fixed'));
    return { settled: null, target: { listOpenShards, fetchCredentials } };
  }
  const { endpoint, region, credentials } = address;
  return {
    settled: { endpoint: endpoint.href, region },
    target: { listOpenShards, fetchCredentials: together(credentials) },
  };
}

/** Threads that ask at one time share a fetch. */
function together(fetch: CredentialProvider): CredentialProvider {
  let pending: ReturnType<CredentialProvider> | null = null;
  return () => {
    pending ??= fetch().finally(() => {
      pending = null;
    });
    return pending;
  };
}
