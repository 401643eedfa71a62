import type { TlsTrust } from './target-address.ts';

/**
 * One POST on its way; a client calls back in this order, and `onEnd` or `onError` exactly once.
 */
export interface HttpCall {
  /** Names and values by turns. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** From here on bytes may be on the wire. `abort` ends the call with `onError`. */
  onSent(abort: (reason: Error) => void): void;
  onHead(status: number, errorType: string): void;
  /** The chunk is only valid during the call. */
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** Connections to one endpoint. `send` may call back before it returns. */
export interface HttpClient {
  send(call: HttpCall): void;
  /** Ends all connections; calls in flight end with `onError`. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly endpoint: URL;
  readonly maxConnections: number;
  readonly connectTimeoutUs: number;
  readonly tls?: TlsTrust | undefined;
}

/** Header that names a refusal's type, in responses. */
export const ERROR_TYPE_HEADER = 'x-amzn-errortype';
