import type { CredentialProvider } from './credential-source.ts';

/** Where the service is and who asks. Plain data, cloned to the worker threads. */
export interface TargetAddress {
  /** URL; null for the SDK's own choice (environment, profile, region). */
  readonly endpoint: string | null;
  /** null for the SDK's own choice (environment, profile). */
  readonly region: string | null;
  /** `chain`: the SDK's provider chain; `simulator`: fixed ones that mean nothing. */
  readonly credentials: 'chain' | 'simulator';
}

/** An address with nothing left to choose. */
export interface ResolvedAddress {
  readonly endpoint: URL;
  readonly region: string;
  readonly credentials: CredentialProvider;
}

/** Region of signatures for the simulator when none is given. */
export const SIMULATOR_REGION = 'us-east-1';
