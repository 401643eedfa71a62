/**
 * The input of an operation, described: what the generic checks of server/validate.ts need to give the service's own
 * errors. Constraints as in the API reference.
 */

interface Common {
  readonly isRequired?: boolean;
}

export interface StringMember extends Common {
  readonly type: 'string';
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  /** Without anchors, as the service prints it. */
  readonly pattern?: string;
  readonly values?: readonly string[];
}

interface NumberMember extends Common {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
}

export interface BlobMember extends Common {
  readonly type: 'blob';
  readonly lengthMax?: number;
}

interface PlainMember extends Common {
  readonly type: 'boolean' | 'timestamp';
}

export interface ListMember extends Common {
  readonly type: 'list';
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  readonly of: Member;
}

export interface MapMember extends Common {
  readonly type: 'map';
  readonly lengthMin?: number;
  readonly lengthMax?: number;
}

interface StructureMember extends Common {
  readonly type: 'structure';
  readonly members: Members;
}

export type Member =
  | StringMember
  | NumberMember
  | BlobMember
  | PlainMember
  | ListMember
  | MapMember
  | StructureMember;

export type Members = Readonly<Record<string, Member>>;

const NAME_PATTERN = '[a-zA-Z0-9_.-]+';
const STREAM_NAME_WHOLE = /^[a-zA-Z0-9_.-]{1,128}$/;

/** Whether STREAM_NAME's checks let the name pass. */
export function isStreamName(name: string): boolean {
  return STREAM_NAME_WHOLE.test(name);
}

/** Members that many operations share. */
export const STREAM_NAME: StringMember = {
  type: 'string',
  lengthMin: 1,
  lengthMax: 128,
  pattern: NAME_PATTERN,
};
export const STREAM_ARN: StringMember = {
  type: 'string',
  lengthMin: 1,
  lengthMax: 2048,
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+',
};
/** Names of a stream: either, or both. */
export const STREAM: Members = { StreamName: STREAM_NAME, StreamARN: STREAM_ARN };
export const SHARD_ID: StringMember = { ...STREAM_NAME };
export const PARTITION_KEY: StringMember = { type: 'string', lengthMin: 1, lengthMax: 256 };
export const HASH_KEY: StringMember = { type: 'string', pattern: '0|([1-9]\\d{0,38})' };
export const SEQUENCE_NUMBER: StringMember = { type: 'string', pattern: '0|([1-9]\\d{0,128})' };
export const KEY_ID: StringMember = {
  type: 'string',
  isRequired: true,
  lengthMin: 1,
  lengthMax: 2048,
};
export const NEXT_TOKEN: StringMember = { type: 'string', lengthMin: 1, lengthMax: 1048576 };
/** Data of one record; the stream's own limit is checked later. */
export const RECORD_DATA: BlobMember = { type: 'blob', lengthMax: 10_485_760, isRequired: true };

/** The member, required. */
export function required<M extends Member>(member: M): M {
  return { ...member, isRequired: true };
}
