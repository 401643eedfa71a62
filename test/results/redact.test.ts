import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redactedJson } from '../../src/results/redact.ts';

const MASK = '************';
const ACCOUNT = '123456789012';

describe('redact', () => {
  it.each([
    [
      `arn:aws:kinesis:eu-west-1:${ACCOUNT}:stream/clicks`,
      `arn:aws:kinesis:eu-west-1:${MASK}:stream/clicks`,
    ],
    [`arn:aws-cn:iam::${ACCOUNT}:role/x`, `arn:aws-cn:iam::${MASK}:role/x`],
    [
      `Rate exceeded for shard shardId-000000000000 in stream clicks under account ${ACCOUNT}.`,
      `Rate exceeded for shard shardId-000000000000 in stream clicks under account ${MASK}.`,
    ],
    [`{"accountId":"${ACCOUNT}"}`, `{"accountId":"${MASK}"}`],
    ['key AKIAIOSFODNN7EXAMPLE used', `key ${MASK} used`],
    ['key ASIAIOSFODNN7EXAMPLE used', `key ${MASK} used`],
    [
      'Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
      `Authorization: AWS4-HMAC-SHA256 Credential=${MASK}/20260102/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=${MASK}`,
    ],
    ['X-Amz-Security-Token: FwoGZXIvYXdzEBY==', `X-Amz-Security-Token: ${MASK}`],
    ['https://h/?X-Amz-Credential=AKID%2F2026&a=1', `https://h/?X-Amz-Credential=${MASK}&a=1`],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', `aws_secret_access_key = ${MASK}`],
    ['"sessionToken":"abc"', `"sessionToken":"${MASK}"`],
    ['https://me:secret@proxy.example:3128/x', `https://${MASK}@proxy.example:3128/x`],
  ])('masks %s', (text, masked) => {
    expect(redact(text)).toBe(masked);
  });

  it('leaves numbers, stream names and addresses alone', () => {
    const text =
      'sent 123456789012 bytes to https://kinesis.eu-west-1.amazonaws.com/x, shardId-000000000012, 1767323045678';
    expect(redact(text)).toBe(text);
  });

  it('changes nothing that is clean already', () => {
    fc.assert(fc.property(fc.string(), (text) => redact(redact(text)) === redact(text)));
  });

  it('keeps JSON readable', () => {
    const text = `\u2028 "quoted" arn:aws:kinesis:eu-west-1:${ACCOUNT}:stream/"x"`;
    const back: unknown = JSON.parse(redactedJson({ tags: { text }, bytes: 123456789012 }, 2));
    expect(back).toEqual({
      tags: { text: text.replace(ACCOUNT, MASK) },
      bytes: 123456789012,
    });
  });
});
