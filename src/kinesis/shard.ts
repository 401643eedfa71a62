/** A shard as ListShards tells of it (API, Shard). Hash keys are inclusive at both ends. */
export interface Shard {
  /** `shardId-000000000012` */
  readonly id: string;
  /** 12: the number in the id. */
  readonly number: number;
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
  readonly parentNumber: number | null;
  readonly adjacentParentNumber: number | null;
  /** Whether it takes records; a closed shard can still be read. */
  readonly isOpen: boolean;
}

/** The id of a shard number. */
export function shardId(number: number): string {
  return `shardId-${String(number).padStart(12, '0')}`;
}

/** The number in a shard id: the digits behind the first `-`; -1 when there are none. */
export function shardNumber(id: string): number {
  const dash = id.indexOf('-');
  const number = dash < 0 ? Number.NaN : Number.parseInt(id.slice(dash + 1), 10);
  return Number.isSafeInteger(number) && number >= 0 ? number : -1;
}
