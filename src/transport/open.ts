/**
 * The transport stage's front door. In: options as plain data. Out: a transport, or a lister of
 * shards, of the kind asked for. The AWS SDK is loaded only where it is needed: for kind `sdk`, for
 * listing shards, and where the address leaves something to its provider chain.
 */
import { unreachable } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import type { Transport } from '../kinesis/put-records.ts';
import { missingCredentials } from './control-error.ts';
import { CredentialSource, SIMULATOR_CREDENTIALS } from './credential-source.ts';
import { directTransport } from './direct.ts';
import { http1Client } from './http1-client.ts';
import { http2Client } from './http2-client.ts';
import { fixedShardLister, nullTransport } from './null.ts';
import { type ResolvedAddress, SIMULATOR_REGION, type TargetAddress } from './target-address.ts';

/** Plain data: it is cloned to the worker threads. */
export interface TransportOptions extends TargetAddress {
  readonly kind: 'direct' | 'sdk' | 'null';
  /** Of kind `direct`; the SDK speaks JSON. */
  readonly protocol: 'cbor' | 'json';
  readonly http: '1.1' | '2';
  /** Connections to the endpoint at the most, 1 or more; HTTP/2 of kind `direct` holds one. */
  readonly maxConnections: number;
  /** From `send` to the end of the answer; connecting is part of it. */
  readonly requestTimeoutUs: number;
  /** Of kind `direct`; default: as long as the request may take. */
  readonly connectTimeoutUs?: number;
  /** Open shards that kind `null` pretends to have. */
  readonly nullShards: number;
}

/**
 * @param settled where kind `direct` sends, if that was found out before: the SDK is not loaded then
 * @throws ShardstormError SHARDSTORM_TRANSPORT_UNREACHABLE (no region, or an endpoint that is no URL),
 *   SHARDSTORM_CREDENTIALS_MISSING
 */
export async function openTransport(
  options: TransportOptions,
  clock: Clock,
  settled: ResolvedAddress | null = null,
): Promise<Transport> {
  switch (options.kind) {
    case 'null':
      return nullTransport(clock);
    case 'direct':
      return openDirect(options, settled ?? (await resolve(options)), clock);
    case 'sdk': {
      const { sdkTransport } = await import('./sdk.ts');
      const { kinesisClient } = await import('./sdk-client.ts');
      const client = kinesisClient(options, { ...options, maxAttempts: 1 });
      return sdkTransport(client, options.requestTimeoutUs, clock);
    }
    default:
      return unreachable(options.kind);
  }
}

async function openDirect(
  options: TransportOptions,
  { endpoint, region, credentials }: ResolvedAddress,
  clock: Clock,
): Promise<Transport> {
  const { maxConnections, requestTimeoutUs, protocol } = options;
  const { connectTimeoutUs = requestTimeoutUs, tls } = options;
  const clientOptions = { endpoint, maxConnections, connectTimeoutUs, tls };
  const source = await openCredentials(credentials);
  const client =
    options.http === '2' ? http2Client(clientOptions, clock) : http1Client(clientOptions);
  return directTransport({ protocol, endpoint, region, requestTimeoutUs }, client, source, clock);
}

async function resolve(address: TargetAddress): Promise<ResolvedAddress> {
  const endpoint = address.endpoint === null ? null : endpointUrl(address.endpoint);
  if (endpoint !== null && address.credentials === 'simulator') {
    return {
      endpoint,
      region: address.region ?? SIMULATOR_REGION,
      credentials: () => Promise.resolve(SIMULATOR_CREDENTIALS),
    };
  }
  const { resolveAddress } = await import('./sdk-client.ts');
  return resolveAddress(address);
}

function endpointUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw new ShardstormError('SHARDSTORM_TRANSPORT_UNREACHABLE', `"${text}" is not an endpoint`, {
    hint: 'Set target.endpoint to an http:// or https:// URL, as http://127.0.0.1:4567.',
  });
}

async function openCredentials(
  provider: ResolvedAddress['credentials'],
): Promise<CredentialSource> {
  try {
    return await CredentialSource.open(provider);
  } catch (cause) {
    throw missingCredentials(cause);
  }
}

/** A lister of the open shards of a stream; it loads the SDK at its first use. */
export function openShardLister(options: TransportOptions, clock: Clock): ListOpenShards {
  if (options.kind === 'null') return fixedShardLister(options.nullShards, clock);
  let lister: Promise<ListOpenShards> | null = null;
  const open = async () => {
    const { connectControlPlane } = await import('./control-plane.ts');
    return connectControlPlane(options).listOpenShards;
  };
  return (streamName, done) => {
    lister ??= open();
    lister.then(
      (list) => list(streamName, done),
      (error) => done(null, 'SdkNotLoaded', describeCause(error)),
    );
  };
}
