/**
 * The AWS SDK, as far as this program uses it: making a client, and asking it what it would use.
 * Import this file lazily: it loads the SDK, which a worker with the direct transport and the
 * simulator does without.
 */
import {
  DescribeLimitsCommand,
  KinesisClient,
  type KinesisClientConfig,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { missingRegion } from './control-error.ts';
import { type ExpiringCredentials, SIMULATOR_CREDENTIALS } from './credential-source.ts';
import {
  type AwsIdentity,
  type ResolvedAddress,
  SIMULATOR_REGION,
  type TargetAddress,
  type TlsTrust,
  tlsOptions,
} from './target-address.ts';

type AwsCredentialIdentityProvider = Extract<
  NonNullable<KinesisClientConfig['credentials']>,
  (...args: never) => unknown
>;
type AwsCredentialIdentity = Awaited<ReturnType<AwsCredentialIdentityProvider>>;

export interface ClientOptions {
  readonly http: '1.1' | '2';
  readonly maxConnections: number;
  /** Calls for one request, the first included. */
  readonly maxAttempts: number;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** A client for the address; what the address leaves open, the SDK's own chain decides. */
export function kinesisClient(address: TargetAddress, options: ClientOptions): KinesisClient {
  const { endpoint, region, credentials } = address;
  const isSimulator = credentials === 'simulator';
  const signingRegion = region ?? (isSimulator ? SIMULATOR_REGION : null);
  return new KinesisClient({
    maxAttempts: options.maxAttempts,
    ...(endpoint === null ? {} : { endpoint }),
    ...(signingRegion === null ? {} : { region: signingRegion }),
    ...(credentials === 'chain' ? {} : { credentials: ownCredentials(credentials) }),
    // Without one the client uses its own default, which is HTTP/2.
    ...(options.http === '2'
      ? {}
      : { requestHandler: http1Handler(options.maxConnections, address.tls) }),
  });
}

function http1Handler(maxSockets: number, tls: TlsTrust | undefined): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets };
  return new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    httpAgent: agent,
    httpsAgent: { ...agent, ...tlsOptions(tls) },
  });
}

function ownCredentials(
  given: Exclude<TargetAddress['credentials'], 'chain'>,
): AwsCredentialIdentity | AwsCredentialIdentityProvider {
  if (given === 'simulator') {
    const { accessKeyId, secretAccessKey } = SIMULATOR_CREDENTIALS;
    return { accessKeyId, secretAccessKey };
  }
  return typeof given === 'function' ? async () => sdkIdentity(await given()) : sdkIdentity(given);
}

/** The SDK tells a field that is absent from one that is undefined. */
function sdkIdentity(identity: AwsIdentity): AwsCredentialIdentity {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = identity;
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
  };
}

/**
 * Endpoint, region and credentials as the SDK would use them for this address.
 * @throws ShardstormError SHARDSTORM_TRANSPORT_UNREACHABLE when no region is set anywhere
 */
export async function resolveAddress(address: TargetAddress): Promise<ResolvedAddress> {
  const options: ClientOptions = { http: '1.1', maxConnections: 1, maxAttempts: 1 };
  const client = kinesisClient(address, options);
  const region = await regionOf(client);
  // The endpoint needs no credentials, but the SDK looks for them first.
  const endpoint = await endpointOf(
    kinesisClient({ ...address, region, credentials: 'simulator' }, options),
  );
  return { endpoint, region, credentials: () => fetchCredentials(client) };
}

/** The environment or the profile may name it. */
async function regionOf(client: KinesisClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    throw missingRegion(cause);
  }
}

/**
 * Lets a call run up to the point where its URL is known, then ends it: nothing is signed or sent.
 */
async function endpointOf(client: KinesisClient): Promise<URL> {
  let url: URL | null = null;
  client.middlewareStack.add(
    () => async (args) => {
      const { protocol, hostname, port, path } = args.request as {
        protocol: string;
        hostname: string;
        port?: number;
        path: string;
      };
      url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
      return { response: undefined, output: { $metadata: {} } };
    },
    { step: 'build', name: 'readEndpoint' },
  );
  await client.send(new DescribeLimitsCommand({}));
  if (url === null) throw new TypeError('the SDK gave no endpoint');
  return url;
}

async function fetchCredentials(client: KinesisClient): Promise<ExpiringCredentials> {
  const identity = await client.config.credentials({ forceRefresh: true });
  return {
    accessKeyId: identity.accessKeyId,
    secretAccessKey: identity.secretAccessKey,
    sessionToken: identity.sessionToken ?? null,
    expiresEpochMs: identity.expiration?.getTime() ?? null,
  };
}
