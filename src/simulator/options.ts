import type { FaultRule, LatencyChoice, LimitPolicy } from './core/options.ts';

/** Shards of one stream that the simulator takes. */
export const SIMULATOR_SHARDS_MAX = 100_000;

/** What a simulator is started with: a scenario's simulator section and where to listen. */
export interface SimulatorOptions {
  readonly mode: 'provisioned' | 'on-demand';
  /** Shards of the stream. */
  readonly shards: number;
  readonly latency: LatencyChoice;
  /** Folder that the file of `latency` counts from; default the working directory. */
  readonly baseDirectory?: string;
  readonly faults: readonly FaultRule[];
  /** Created ACTIVE at the start. */
  readonly stream: string;
  readonly seed: number;
  /** null: us-east-1. */
  readonly region: string | null;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How limits count; default bucket. */
  readonly limits?: LimitPolicy;
  /** How long CREATING, UPDATING and DELETING last; default 100 ms. */
  readonly transitionUs?: number;
  /** How often on-demand streams look at their traffic; default 60 s. */
  readonly scaleEveryUs?: number;
  /** Bytes of records held for readers; default 256 MiB. */
  readonly storedBytesMax?: number;
  /** A port for TLS beside the cleartext one; without a certificate one is made. Default none. */
  readonly tls?: {
    readonly port: number;
    readonly certificate?: { readonly key: string; readonly cert: string };
  } | null;
  /** Signatures are verified against these; default: a signature need only be there and complete. */
  readonly credentials?: readonly {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  }[];
  /** A port for the status page, the audit and faults at run time; default none. */
  readonly controlPort?: number;
  /** A folder that state and records are kept in, and taken from at the start; default none. */
  readonly persist?: string | null;
  /** Hears of what goes wrong while serving, a sentence at a time. */
  readonly onProblem?: (problem: string) => void;
}
