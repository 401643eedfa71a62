import { PUT_RECORDS_COUNT_MAX } from '../../kinesis/limits.ts';
import type { PutCall } from '../core/put-call.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Input } from './input.ts';
import { HASH_KEY, type Members, PARTITION_KEY, RECORD_DATA, STREAM } from './member.ts';
import { streamNameOf } from './operation.ts';

/** Input of PutRecords. Whether a record needs a key is the stream's matter: the core checks it. Its answer is written by the server's own fast path. */
export const PUT_RECORDS_MEMBERS: Members = {
  Records: {
    type: 'list',
    isRequired: true,
    lengthMin: 1,
    lengthMax: PUT_RECORDS_COUNT_MAX,
    of: {
      type: 'structure',
      members: {
        PartitionKey: PARTITION_KEY,
        ExplicitHashKey: HASH_KEY,
        Data: RECORD_DATA,
      },
    },
  },
  ...STREAM,
  DryRun: { type: 'boolean' },
};

/** Fills the call from a checked input of PutRecords. */
export function fillPutRecords(call: PutCall, input: Input, simulator: Simulator): void {
  call.operation = 'PutRecords';
  call.streamName = streamNameOf(simulator, input);
  call.isDryRun = input.flag('DryRun');
  fillEntries(call, input.structures('Records'));
}

/** Copies keys and data of the entries into one body. */
export function fillEntries(call: PutCall, entries: readonly Input[]): void {
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.blob('Data').length + Buffer.byteLength(entry.requiredText('PartitionKey'));
  }
  const body = Buffer.allocUnsafeSlow(bytes);
  call.body = body;
  call.count = 0;
  let at = 0;
  for (const entry of entries) {
    const keyEnd = at + body.write(entry.requiredText('PartitionKey'), at, 'utf8');
    const data = entry.blob('Data');
    body.set(data, keyEnd);
    call.add(at, keyEnd, keyEnd, keyEnd + data.length, entry.text('ExplicitHashKey') ?? '');
    at = keyEnd + data.length;
  }
}
