import { ShardstormError } from '../core/errors.ts';

/** A field of options or of a record is not what it may be. `value` never holds data, keys or credentials. */
export function usage(field: string, value: string, allowed: string): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_PRODUCER_USAGE',
    `${field} is ${value}; allowed: ${allowed}`,
    { hint: `Change "${field}".` },
  );
}

export function producerClosed(): ShardstormError {
  return new ShardstormError('SHARDSTORM_PRODUCER_CLOSED', 'the producer is closed', {
    hint: 'Put records before close(), or make another producer.',
  });
}

export function missingStream(): ShardstormError {
  return usage('stream', 'missing', 'a stream, of the call, the record or the producer');
}

export function producerFull(waitingRecords: number, waitingBytes: number): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_PRODUCER_FULL',
    `${waitingRecords} records of ${waitingBytes} bytes wait for room already`,
    {
      hint: 'Await put(), or raise maxBufferedBytes, maxWaiting or maxWaitingBytes.',
      retryable: true,
    },
  );
}
