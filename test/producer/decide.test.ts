import { describe, expect, it } from 'vitest';
import { PutRecordsAnswer } from '../../src/kinesis/put-records.ts';
import { type Decision, decide } from '../../src/producer/decide.ts';
import { KinesisRecord } from '../../src/producer/kinesis-record.ts';
import { BEHAVIOURS, type ProfileName } from '../../src/producer/settings.ts';

const THROTTLED = 'ProvisionedThroughputExceededException';

interface Case {
  readonly what: string;
  readonly profile?: ProfileName;
  readonly failIfThrottled?: boolean;
  readonly answer: (answer: PutRecordsAnswer) => void;
  readonly predicted?: number;
  /** Whether the shard that took it has a known range with the record's hash keys. */
  readonly holds?: boolean;
  readonly isAggregate?: boolean;
  /** Attempts before this one. */
  readonly attempts?: number;
  /** In the call; default 1. */
  readonly entries?: number;
  readonly expected: Partial<Decision>;
}

const accepted = (shard: number) => (answer: PutRecordsAnswer) => {
  answer.status = 'answered';
  answer.resultCount = 1;
  answer.acceptEntry(0, shard);
};
const refused = (code: string) => (answer: PutRecordsAnswer) => {
  answer.status = 'answered';
  answer.resultCount = 1;
  answer.refuseEntry(0, code, 'why');
};
const failed = (code: string) => (answer: PutRecordsAnswer) =>
  answer.fail('failed', code, 'why', 400);

/** A row of the KPL's table each (core/retrier.cc), then what the other profiles do better. */
const CASES: readonly Case[] = [
  {
    what: 'a whole call that fails is tried again (KPL: whatever the error)',
    profile: 'kpl',
    answer: failed('AccessDeniedException'),
    expected: { action: 'retry', outcome: 'requestError', code: 'AccessDeniedException' },
  },
  {
    what: 'a whole call that is throttled is tried again',
    answer: failed(THROTTLED),
    expected: { action: 'retry', outcome: 'throttled' },
  },
  {
    what: 'a whole call that is throttled fails with failIfThrottled',
    failIfThrottled: true,
    answer: failed(THROTTLED),
    expected: { action: 'fail', outcome: 'throttled' },
  },
  {
    what: 'a call limit of the account does not fail with failIfThrottled',
    failIfThrottled: true,
    answer: failed('LimitExceededException'),
    expected: { action: 'retry', outcome: 'throttled' },
  },
  {
    what: 'another number of results than records fails them',
    answer: (answer) => {
      accepted(1)(answer);
      answer.resultCount = 2;
    },
    expected: { action: 'fail', outcome: 'unknown', code: 'Record Count Mismatch' },
  },
  {
    what: 'success without a prediction is success',
    predicted: -1,
    answer: accepted(7),
    expected: { action: 'accept', outcome: 'accepted', code: '', invalidatesMap: false },
  },
  {
    what: 'success in the predicted shard is success',
    answer: accepted(3),
    expected: { action: 'accept', invalidatesMap: false },
  },
  {
    what: 'success where the shard is not told is success',
    answer: accepted(-1),
    expected: { action: 'accept', invalidatesMap: false },
  },
  {
    what: 'an aggregate in a shard whose range is unknown or other goes elsewhere',
    answer: accepted(9),
    isAggregate: true,
    expected: {
      action: 'retryElsewhere',
      outcome: 'wrongShard',
      code: 'Wrong Shard',
      invalidatesMap: true,
    },
  },
  {
    what: 'a record in a child shard that holds it is success, and the map is old',
    answer: accepted(9),
    isAggregate: true,
    holds: true,
    expected: { action: 'accept', invalidatesMap: true },
  },
  {
    what: 'a record in an older shard that holds it is success, and the map is good',
    answer: accepted(1),
    isAggregate: true,
    holds: true,
    expected: { action: 'accept', invalidatesMap: false },
  },
  {
    what: 'a lone record in an unknown shard goes elsewhere (KPL)',
    profile: 'kpl',
    answer: accepted(9),
    expected: { action: 'retryElsewhere', invalidatesMap: true },
  },
  {
    what: 'a lone record is where its own key belongs, whatever the map says',
    answer: accepted(9),
    expected: { action: 'accept', outcome: 'accepted', invalidatesMap: true },
  },
  {
    what: 'a throttled record is tried again',
    answer: refused(THROTTLED),
    expected: { action: 'retry', outcome: 'throttled', code: THROTTLED, message: 'why' },
  },
  {
    what: 'a throttled record fails with failIfThrottled',
    failIfThrottled: true,
    answer: refused(THROTTLED),
    expected: { action: 'fail', outcome: 'throttled' },
  },
  {
    what: 'an internal failure is tried again',
    answer: refused('InternalFailure'),
    expected: { action: 'retry', outcome: 'internalFailure' },
  },
  {
    what: 'no answer is unknown, and tried again',
    answer: (answer) => answer.fail('unknown', 'RequestTimeout', ''),
    expected: { action: 'retry', outcome: 'unknown', code: 'RequestTimeout' },
  },
  ...[
    'ConnectionReset',
    'RequestTimeout',
    'ResourceNotFoundException',
    'InternalFailure',
    'LimitExceededException',
    'KMSAccessDeniedException',
    'ValidationException',
  ].map(
    (code): Case => ({
      what: `a whole call that fails with ${code} is tried again (KPL)`,
      profile: 'kpl',
      failIfThrottled: true,
      answer: failed(code),
      expected: { action: 'retry', code, invalidatesMap: false },
    }),
  ),
  ...['InternalFailure', 'KMSAccessDeniedException', 'LimitExceededException', 'Whatever'].map(
    (code): Case => ({
      what: `a record refused with ${code} is tried again (KPL)`,
      profile: 'kpl',
      failIfThrottled: true,
      answer: refused(code),
      expected: { action: 'retry', code },
    }),
  ),
  {
    what: 'an aggregate in a child shard that holds its first key is success (KPL)',
    profile: 'kpl',
    answer: accepted(9),
    isAggregate: true,
    holds: true,
    expected: { action: 'accept', invalidatesMap: true },
  },
  {
    what: 'the third call that fails as a whole is the last (a8m: the AWS SDK has three)',
    profile: 'a8m',
    attempts: 2,
    answer: failed('InternalFailure'),
    expected: { action: 'fail', outcome: 'requestError' },
  },
  {
    what: 'the second one is not (a8m)',
    profile: 'a8m',
    attempts: 1,
    answer: failed('InternalFailure'),
    expected: { action: 'retry' },
  },
  {
    what: 'a refused record is tried again for ever (a8m)',
    profile: 'a8m',
    attempts: 1000,
    answer: refused('InternalFailure'),
    expected: { action: 'retry' },
  },
  ...['AccessDeniedException', 'ResourceNotFoundException', 'ValidationException'].map(
    (code): Case => ({
      what: `${code} fails at once`,
      answer: failed(code),
      expected: { action: 'fail', outcome: 'requestError', code },
    }),
  ),
  ...['ValidationException', 'InvalidArgumentException', 'HTTP413'].map(
    (code): Case => ({
      what: `${code} of a call with others in it is tried again alone`,
      answer: failed(code),
      entries: 2,
      expected: { action: 'retryAlone', outcome: 'requestError', code },
    }),
  ),
  {
    what: 'AccessDeniedException fails at once whoever else is in the call',
    answer: failed('AccessDeniedException'),
    entries: 2,
    expected: { action: 'fail' },
  },
  {
    what: 'ValidationException fails the whole call (a8m)',
    profile: 'a8m',
    answer: failed('ValidationException'),
    entries: 2,
    expected: { action: 'fail' },
  },
];

describe('the decision after an attempt', () => {
  it.each(CASES)('$what', (row) => {
    const record = new KinesisRecord();
    record.predictedShard = row.predicted ?? 3;
    record.isAggregate = row.isAggregate ?? false;
    record.attempts = row.attempts ?? 0;
    const answer = new PutRecordsAnswer();
    row.answer(answer);
    const decision: Decision = {
      action: 'accept',
      outcome: 'accepted',
      code: 'left over',
      message: 'left over',
      invalidatesMap: true,
    };
    const behaviour = BEHAVIOURS[row.profile ?? 'shardstorm'];
    const ranges = { holdsRecord: () => row.holds ?? false };
    const { entries = 1, failIfThrottled = false } = row;
    decide(record, 0, entries, answer, behaviour, failIfThrottled, ranges, decision);
    expect(decision).toMatchObject(row.expected);
  });
});
