import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsOutput,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../core/clock.ts';
import { describeCause } from '../core/errors.ts';
import {
  CONNECTION_FAILED,
  CONNECTION_RESET,
  RECORD_COUNT_MISMATCH,
  REQUEST_TIMEOUT,
  UNREADABLE_ANSWER,
} from '../kinesis/error-codes.ts';
import {
  bodyCopiesOf,
  type PutRecordsAnswer,
  type PutRecordsEntry,
  type PutRecordsRequest,
  type Transport,
} from '../kinesis/put-records.ts';
import { shardNumber } from '../kinesis/shard.ts';
import { textOf } from './answer-reader.ts';

/**
 * PutRecords through the AWS client as an application calls it: objects and strings for each
 * record, a promise for each call. It is measured, not fast. The client makes one attempt a call;
 * retries are the producer's.
 */
export function sdkTransport(
  client: KinesisClient,
  requestTimeoutUs: number,
  clock: Clock,
): Transport {
  const inFlight = new Set<AbortController>();
  const answers = new WeakMap<object, PutRecordsAnswer>();
  noteBodyBytes(client, answers);
  const call = async (request: PutRecordsRequest, abort: AbortController): Promise<void> => {
    const { answer, entryCount } = request;
    try {
      const command = new PutRecordsCommand({
        StreamName: request.streamName,
        Records: request.entries.slice(0, entryCount).map(sdkEntry),
      });
      answers.set(command.input, answer);
      const output = await client.send(command, { abortSignal: abort.signal });
      readOutput(output, answer, entryCount);
    } catch (thrown) {
      readFailure(thrown, answer, abort.signal);
    }
  };
  return {
    // At the least: the SDK's own copies come and go inside its calls.
    bodyCopies: bodyCopiesOf('json'),
    send(request, done) {
      const abort = new AbortController();
      const timer = clock.setTimer(clock.nowUs() + requestTimeoutUs, () =>
        abort.abort(new Error(`no answer within ${requestTimeoutUs / 1000} ms`)),
      );
      inFlight.add(abort);
      request.answer.reset();
      const end = () => {
        timer.cancel();
        inFlight.delete(abort);
        // Not in a promise: what it throws is a bug, and must not become a rejection.
        clock.setImmediate(done);
      };
      call(request, abort).then(end, end);
    },
    close() {
      for (const abort of inFlight) abort.abort(new Error('transport closed'));
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** Writes the length of each call's body to its answer, on the call's way out of the client. */
function noteBodyBytes(client: KinesisClient, answers: WeakMap<object, PutRecordsAnswer>): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const answer = answers.get(args.input);
      const { headers } = args.request as { headers: Record<string, string> };
      if (answer !== undefined) answer.requestBodyBytes = Number(headers['content-length']);
      return next(args);
    },
    { step: 'finalizeRequest', name: 'noteBodyBytes' },
  );
}

function sdkEntry(entry: PutRecordsEntry) {
  const { bytes, dataStart, dataEnd, keyBytes, keyStart, keyEnd, explicitHashKey } = entry;
  const record = {
    Data: bytes.subarray(dataStart, dataEnd),
    PartitionKey: textOf(keyBytes, keyStart, keyEnd),
  };
  return explicitHashKey === '' ? record : { ...record, ExplicitHashKey: explicitHashKey };
}

function readOutput(output: PutRecordsOutput, answer: PutRecordsAnswer, entryCount: number): void {
  const results = output.Records ?? [];
  answer.httpStatus = 200;
  answer.resultCount = results.length;
  if (results.length !== entryCount) {
    const message = `${results.length} results for ${entryCount} records`;
    answer.fail('unknown', RECORD_COUNT_MISMATCH, message, 200);
    return;
  }
  answer.status = 'answered';
  results.forEach(({ ErrorCode, ErrorMessage, ShardId, SequenceNumber }, i) => {
    if (ErrorCode) answer.refuseEntry(i, ErrorCode, ErrorMessage ?? '');
    else answer.acceptEntry(i, shardNumber(ShardId ?? ''));
    if (answer.wantsSequenceNumbers) answer.sequenceNumbers.push(SequenceNumber ?? '');
  });
}

/**
 * Errors of names and certificates, and the HTTP handler's words for a connection that took too
 * long.
 */
const BEFORE_SENDING =
  /^(ENOTFOUND|EAI_AGAIN|ERR_TLS_\w+|DEPTH_ZERO_\w+|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+)$/;
const NO_CONNECTION = /did not establish a connection/;

/** The part of the SDK's errors that tells how far a call came. */
interface SdkFailure {
  readonly name?: string;
  readonly code?: string;
  /** `connect` when it was the connecting that failed. */
  readonly syscall?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
  /** Of a stream: the error of its connection. */
  readonly cause?: SdkFailure;
}

function readFailure(thrown: unknown, answer: PutRecordsAnswer, signal: AbortSignal): void {
  const failure = thrown as SdkFailure;
  const { name = 'Error' } = failure;
  const status = failure.$metadata?.httpStatusCode ?? failure.$response?.statusCode ?? 0;
  const message = describeCause(thrown);
  if (signal.aborted) {
    answer.fail('unknown', REQUEST_TIMEOUT, describeCause(signal.reason), status);
  } else if (status >= 300) {
    answer.fail('failed', name === 'Unknown' ? `Http${status}` : name, message, status);
  } else if (status >= 200) {
    answer.fail('unknown', UNREADABLE_ANSWER, message, status);
  } else if (name === 'CredentialsProviderError') {
    answer.fail('failed', name, message);
  } else if (neverSent(failure) || (failure.cause && neverSent(failure.cause))) {
    answer.fail('failed', CONNECTION_FAILED, message);
  } else {
    answer.fail('unknown', CONNECTION_RESET, message);
  }
}

function neverSent({ code = '', syscall, message = '' }: SdkFailure): boolean {
  return syscall === 'connect' || BEFORE_SENDING.test(code) || NO_CONNECTION.test(message);
}
