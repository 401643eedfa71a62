/** How many bytes a payload has. */
export type PayloadSize =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'uniform'; readonly minBytes: number; readonly maxBytes: number }
  | {
      readonly kind: 'lognormal';
      readonly medianBytes: number;
      readonly p99Bytes: number;
      readonly maxBytes: number;
    }
  | {
      readonly kind: 'empirical';
      readonly sizes: readonly { readonly bytes: number; readonly weight: number }[];
    };

/** Which partition key a record has. */
export type PartitionKey =
  | { readonly kind: 'uniform'; readonly cardinality: number; readonly prefix: string }
  | {
      /** Key of rank k (from 1) with a probability proportional to k^-exponent. */
      readonly kind: 'zipf';
      readonly cardinality: number;
      readonly exponent: number;
      readonly prefix: string;
    }
  | {
      /** `share` of the records goes to `keys` hot keys, evenly; the rest evenly to `cardinality` others. */
      readonly kind: 'hot';
      readonly share: number;
      readonly keys: number;
      readonly cardinality: number;
      readonly prefix: string;
    }
  | { readonly kind: 'sequential'; readonly cardinality: number; readonly prefix: string }
  | { readonly kind: 'template'; readonly template: string }
  | { readonly kind: 'column'; readonly column: string };

/** What a record carries. */
export type Payload =
  | {
      readonly kind: 'random';
      readonly size: PayloadSize;
      /** Fraction of the payload, 0 … 1, that a compressor removes. */
      readonly compressible: number;
    }
  | {
      readonly kind: 'json';
      /** null: as long as the template makes it; else padded to the size, never cut. */
      readonly size: PayloadSize | null;
      readonly template: unknown;
    }
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly format: 'ndjson' | 'json' | 'csv';
    };

/** One kind of record; `weight` is its share of the records, not normalised. */
export interface RecordKind {
  readonly weight: number;
  readonly partitionKey: PartitionKey;
  readonly payload: Payload;
  readonly stamp: boolean;
}
