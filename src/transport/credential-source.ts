import type { Credentials } from './sigv4.ts';

/** Credentials and when they end; Unix milliseconds, null for never. */
export interface ExpiringCredentials extends Credentials {
  readonly expiresEpochMs: number | null;
}

/** Fetches credentials anew, past any cache. */
export type CredentialProvider = () => Promise<ExpiringCredentials>;

/**
 * Credentials that end within this time are replaced, while they still serve. The SDK's own margin.
 */
const REFRESH_MARGIN_MS = 300_000;
/** No two fetches start within this time, so that a provider that fails is not hammered. */
const REFRESH_INTERVAL_MS = 5_000;

/**
 * The credentials in use. They are fetched in the background and swapped when they come, so no
 * request waits for them; while a fetch fails the old ones are used and the service has the last
 * word. Never logged.
 */
export class CredentialSource {
  readonly #provider: CredentialProvider;
  #current: ExpiringCredentials;
  #nextFetchEpochMs = Number.NEGATIVE_INFINITY;
  #isFetching = false;

  private constructor(provider: CredentialProvider, first: ExpiringCredentials) {
    this.#provider = provider;
    this.#current = first;
  }

  /** @throws what the provider throws when there are no credentials to start with */
  static async open(provider: CredentialProvider): Promise<CredentialSource> {
    return new CredentialSource(provider, await provider());
  }

  /** Credentials for a request at this time; the same object until they change. */
  current(epochMs: number): Credentials {
    const { expiresEpochMs } = this.#current;
    if (expiresEpochMs !== null && expiresEpochMs - epochMs < REFRESH_MARGIN_MS) {
      this.refresh(epochMs);
    }
    return this.#current;
  }

  /**
   * Starts a fetch, unless one is under way or was started a moment ago: the service said the
   * credentials ended.
   */
  refresh(epochMs: number): void {
    if (this.#isFetching || epochMs < this.#nextFetchEpochMs) return;
    this.#isFetching = true;
    this.#nextFetchEpochMs = epochMs + REFRESH_INTERVAL_MS;
    this.#provider().then(
      (fetched) => {
        this.#current = fetched;
        this.#isFetching = false;
      },
      () => {
        this.#isFetching = false;
      },
    );
  }
}

/** What the simulator is sent: it reads the access key only to tell clients apart. */
export const SIMULATOR_CREDENTIALS: ExpiringCredentials = {
  accessKeyId: 'simulator',
  secretAccessKey: 'simulator',
  sessionToken: null,
  expiresEpochMs: null,
};
