/**
 * What to do with a Kinesis record once its attempt has ended: the KPL's decision table (core/retrier.cc), with the
 * better answers of our own profiles where a behaviour or a setting asks for them. Pure.
 */
import {
  ACCESS_DENIED,
  INTERNAL_FAILURE,
  INVALID_ARGUMENT,
  LIMIT_EXCEEDED,
  PROVISIONED_THROUGHPUT_EXCEEDED,
  RECORD_COUNT_MISMATCH,
  RESOURCE_NOT_FOUND,
  THROTTLING,
  VALIDATION,
  WRONG_SHARD,
} from '../kinesis/error-codes.ts';
import type { PutRecordsAnswer } from '../kinesis/put-records.ts';
import type { KinesisRecord } from './kinesis-record.ts';
import type { Behaviour } from './settings.ts';

/** How one attempt of one Kinesis record ended, for counting. */
export type AttemptOutcome =
  | 'accepted'
  | 'throttled'
  | 'internalFailure'
  | 'wrongShard'
  | 'requestError'
  | 'unknown';

/** What follows: every user record is done, or goes on. */
type Action = 'accept' | 'fail' | 'retry' | 'retryAlone' | 'retryElsewhere';

/** One decision, reused: filled in by {@link decide}. */
export interface Decision {
  action: Action;
  outcome: AttemptOutcome;
  /** Error code of the attempt; '' when accepted. */
  code: string;
  message: string;
  /** Whether the shard map that predicted this record is wrong. */
  invalidatesMap: boolean;
}

export const emptyDecision = (): Decision => ({
  action: 'accept',
  outcome: 'accepted',
  code: '',
  message: '',
  invalidatesMap: false,
});

/** Whether a shard's range is known and a reader of that shard will find what the record holds. */
export interface ShardRanges {
  holdsRecord(shard: number, record: KinesisRecord): boolean;
}

/** No retry can mend these. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  ACCESS_DENIED,
  RESOURCE_NOT_FOUND,
  VALIDATION,
  INVALID_ARGUMENT,
  'SerializationException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
  'UnknownOperationException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSNotFoundException',
  'KMSOptInRequired',
  'HTTP413',
]);

/** Whether the same call would end with this code again. */
export function isFinalCode(code: string): boolean {
  return FINAL_CODES.has(code);
}

/** One entry can be the reason why a whole call ends with these. */
const ENTRY_CODES: ReadonlySet<string> = new Set([
  VALIDATION,
  INVALID_ARGUMENT,
  'SerializationException',
  'HTTP413',
]);

const THROTTLE_CODES: ReadonlySet<string> = new Set([
  PROVISIONED_THROUGHPUT_EXCEEDED,
  LIMIT_EXCEEDED,
  THROTTLING,
  'KMSThrottlingException',
]);

export function decide(
  record: KinesisRecord,
  entry: number,
  entryCount: number,
  answer: PutRecordsAnswer,
  behaviour: Behaviour,
  failIfThrottled: boolean,
  ranges: ShardRanges,
  decision: Decision,
): void {
  decision.invalidatesMap = false;
  if (answer.status !== 'answered') {
    decideForCall(answer, entryCount, behaviour, failIfThrottled, decision);
    const isLastCall = record.attempts + 1 >= behaviour.failedCallsMax;
    if (isLastCall && decision.action === 'retry') decision.action = 'fail';
    return;
  }
  if (answer.resultCount !== entryCount) {
    refuse(decision, 'fail', 'unknown', RECORD_COUNT_MISMATCH);
    decision.message = `${answer.resultCount} results for ${entryCount} records`;
    return;
  }
  const error = answer.entryError[entry] as number;
  if (error === 0) {
    decideAccepted(record, answer.shardNumber[entry] as number, behaviour, ranges, decision);
    return;
  }
  const code = answer.entryErrorCodes[error - 1] ?? '';
  decision.message = answer.entryErrorMessages[error - 1] ?? '';
  if (code === PROVISIONED_THROUGHPUT_EXCEEDED) {
    refuse(decision, failIfThrottled ? 'fail' : 'retry', 'throttled', code);
  } else if (code === INTERNAL_FAILURE || code === 'InternalFailureException') {
    refuse(decision, 'retry', 'internalFailure', code);
  } else {
    refuse(
      decision,
      behaviour.failsFast && FINAL_CODES.has(code) ? 'fail' : 'retry',
      'requestError',
      code,
    );
  }
}

function decideForCall(
  answer: PutRecordsAnswer,
  entryCount: number,
  behaviour: Behaviour,
  failIfThrottled: boolean,
  decision: Decision,
): void {
  const code = answer.errorCode;
  decision.message = answer.errorMessage;
  if (answer.status === 'unknown') {
    // Results that cannot be told apart: sending all of it again would store most of it twice.
    refuse(decision, code === RECORD_COUNT_MISMATCH ? 'fail' : 'retry', 'unknown', code);
  } else if (THROTTLE_CODES.has(code)) {
    const fails = failIfThrottled && code === PROVISIONED_THROUGHPUT_EXCEEDED;
    refuse(decision, fails ? 'fail' : 'retry', 'throttled', code);
  } else {
    refuse(decision, actionForCall(code, entryCount, behaviour), 'requestError', code);
  }
}

/** What no retry can mend fails, but not for what another entry of the same call may have done. */
function actionForCall(code: string, entryCount: number, behaviour: Behaviour): Action {
  if (!behaviour.failsFast || !FINAL_CODES.has(code)) return 'retry';
  const isShared = entryCount > 1 && ENTRY_CODES.has(code);
  return isShared && behaviour.isolatesInvalid ? 'retryAlone' : 'fail';
}

/** The service stored it. In the predicted shard all is well; elsewhere the hash key says whether a reader will find it. */
function decideAccepted(
  record: KinesisRecord,
  shard: number,
  behaviour: Behaviour,
  ranges: ShardRanges,
  decision: Decision,
): void {
  decision.action = 'accept';
  decision.outcome = 'accepted';
  decision.code = '';
  decision.message = '';
  const predicted = record.predictedShard;
  if (predicted < 0 || shard < 0 || shard === predicted) return;
  if (ranges.holdsRecord(shard, record)) {
    // A child of a split or merge has a higher number: the map is older than the stream, though the record is safe.
    decision.invalidatesMap = shard > predicted;
    return;
  }
  decision.invalidatesMap = true;
  if (!record.isAggregate && !behaviour.resendsLoneRecords) return;
  refuse(decision, 'retryElsewhere', 'wrongShard', WRONG_SHARD);
  decision.message = `predicted shard ${predicted}, stored in shard ${shard}`;
}

function refuse(decision: Decision, action: Action, outcome: AttemptOutcome, code: string): void {
  decision.action = action;
  decision.outcome = outcome;
  decision.code = code;
}
