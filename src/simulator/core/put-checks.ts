/** Rules on the records of a call: sizes, keys, and the words of their refusal. */
import { parseHashKey } from '../../kinesis/hash-key.ts';
import { PUT_RECORDS_BYTES_MAX } from '../../kinesis/limits.ts';
import { type PutCall, THROTTLED } from './put-call.ts';
import { invalidArgument, ServiceError, validation } from './service-error.ts';
import type { Stream } from './stream.ts';

/** Bytes of record `i`, data and key. */
export function recordBytes(call: PutCall, i: number): number {
  const keyBytes = (call.keyEnd[i] as number) - (call.keyStart[i] as number);
  return keyBytes + (call.dataEnd[i] as number) - (call.dataStart[i] as number);
}

/** Sum of the records' bytes, checked. The texts follow the service's earlier limits; today's were not seen. */
export function checkSizes(call: PutCall, stream: Stream): number {
  let sum = 0;
  for (let i = 0; i < call.count; i++) {
    const bytes = recordBytes(call, i);
    if (bytes > stream.recordBytesMax) {
      throw invalidArgument(
        `Record size exceeds ${stream.recordBytesMax / 1024} KiB limit: ${bytes} bytes`,
      );
    }
    sum += bytes;
  }
  if (sum > PUT_RECORDS_BYTES_MAX) throw invalidArgument('Records size exceeds 10 MB limit');
  return sum;
}

/** A record without a key, which only the distribution AUTO allows. */
export function missingKey(call: PutCall, i: number): ServiceError {
  const place = call.operation === 'PutRecords' ? `records.${i + 1}.member.` : '';
  return validation(
    `1 validation error detected: Value null at '${place}partitionKey' failed to satisfy ` +
      'constraint: Member must not be null',
  );
}

/** The answer of a call with DryRun that would have succeeded. */
export function dryRun(): ServiceError {
  return new ServiceError(
    'DryRunOperationException',
    'The request was rejected because the DryRun parameter was specified.',
  );
}

export function explicitWords(decimal: string): Uint32Array {
  const words = parseHashKey(decimal);
  if (words !== null) return words;
  throw invalidArgument(
    'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
      `Specified value was ${decimal}`,
  );
}

/** Error code of a refused record. */
export function refusalType(outcome: number): string {
  return outcome === THROTTLED ? 'ProvisionedThroughputExceededException' : 'InternalFailure';
}

/** Message of a refused record. */
export function refusalMessage(outcome: number, call: PutCall, i: number, account: string): string {
  if (outcome !== THROTTLED) return 'Internal service failure.';
  const id = call.stream?.shard(call.shard[i] as number)?.id ?? '';
  return `Rate exceeded for shard ${id} in stream ${call.streamName} under account ${account}.`;
}
