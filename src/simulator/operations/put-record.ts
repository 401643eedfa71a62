import type { PutCall } from '../core/put-call.ts';
import { parseSequenceNumber } from '../core/sequence.ts';
import { invalidArgument } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Input } from './input.ts';
import {
  HASH_KEY,
  type Members,
  PARTITION_KEY,
  RECORD_DATA,
  SEQUENCE_NUMBER,
  STREAM,
} from './member.ts';
import { streamNameOf } from './operation.ts';
import { fillEntries } from './put-records.ts';

/** Input of PutRecord. */
export const PUT_RECORD_MEMBERS: Members = {
  PartitionKey: PARTITION_KEY,
  ExplicitHashKey: HASH_KEY,
  Data: RECORD_DATA,
  DryRun: { type: 'boolean' },
  ...STREAM,
  SequenceNumberForOrdering: SEQUENCE_NUMBER,
};

/** Fills the call from a checked input of PutRecord. */
export function fillPutRecord(call: PutCall, input: Input, simulator: Simulator): void {
  const after = input.text('SequenceNumberForOrdering');
  if (after !== undefined && parseSequenceNumber(after) === null) {
    throw invalidArgument(
      `ExclusiveMinimumSequenceNumber ${after} used in PutRecord on stream ` +
        `${streamNameOf(simulator, input)} under account ${simulator.options.account} is invalid.`,
    );
  }
  call.isDryRun = input.flag('DryRun');
  call.operation = 'PutRecord';
  call.streamName = streamNameOf(simulator, input);
  fillEntries(call, [input]);
}
