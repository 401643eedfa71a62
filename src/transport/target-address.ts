import type { CredentialProvider } from './credential-source.ts';

/** Credentials as the AWS SDK's providers give them. */
export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** When temporary ones end; they are fetched anew before. */
  readonly expiration?: Date | undefined;
}

/** A provider of the AWS SDK (`fromTemporaryCredentials()` and the like), or one's own. Asked again before they end. */
export type AwsIdentityProvider = () => Promise<AwsIdentity>;

/** Which certificates of an https endpoint are trusted. */
export interface TlsTrust {
  /** Certificates of authorities, PEM; null: those that Node knows. */
  readonly ca: string | null;
  readonly verifies: boolean;
}

/** The same as options of node:tls. */
export function tlsOptions(trust: TlsTrust | undefined): {
  readonly ca?: string;
  readonly rejectUnauthorized?: boolean;
} {
  if (trust === undefined) return {};
  return {
    ...(trust.ca === null ? {} : { ca: trust.ca }),
    ...(trust.verifies ? {} : { rejectUnauthorized: false }),
  };
}

/** Where the service is and who asks. Plain data, cloned to the worker threads, but for credentials of one's own. */
export interface TargetAddress {
  /** URL; null for the SDK's own choice (environment, profile, region). */
  readonly endpoint: string | null;
  /** null for the SDK's own choice (environment, profile). */
  readonly region: string | null;
  /** `chain`: the SDK's provider chain; `simulator`: fixed ones that mean nothing; or the caller's own. */
  readonly credentials: 'chain' | 'simulator' | AwsIdentity | AwsIdentityProvider;
  /** Default: as Node does. Not with the SDK over HTTP/2. */
  readonly tls?: TlsTrust;
}

/** An address with nothing left to choose. */
export interface ResolvedAddress {
  readonly endpoint: URL;
  readonly region: string;
  readonly credentials: CredentialProvider;
}

/** Region of signatures for the simulator when none is given. */
export const SIMULATOR_REGION = 'us-east-1';
