import type { PutCall } from '../core/put-call.ts';
import type { Input } from './input.ts';
import {
  HASH_KEY,
  type Members,
  PARTITION_KEY,
  RECORD_DATA,
  required,
  SEQUENCE_NUMBER,
  STREAM,
} from './member.ts';
import { streamNameOf } from './operation.ts';
import { fillEntries } from './put-records.ts';

/** Input of PutRecord. */
export const PUT_RECORD_MEMBERS: Members = {
  ...STREAM,
  Data: RECORD_DATA,
  PartitionKey: required(PARTITION_KEY),
  ExplicitHashKey: HASH_KEY,
  SequenceNumberForOrdering: SEQUENCE_NUMBER,
};

/** Fills the call from a checked input of PutRecord. */
export function fillPutRecord(call: PutCall, input: Input): void {
  call.operation = 'PutRecord';
  call.streamName = streamNameOf(input);
  fillEntries(call, [input]);
}
