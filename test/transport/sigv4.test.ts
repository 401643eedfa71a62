import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Credentials, Signer, type SigningScope } from '../../src/transport/sigv4.ts';

const word = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'abcXYZ0189+/=') });
const credentials = fc.record<Credentials>({
  accessKeyId: fc.string({ minLength: 16, maxLength: 20, unit: fc.constantFrom(...'ABCXYZ0189') }),
  secretAccessKey: word,
  sessionToken: fc.option(word),
});
const scope = fc.record<SigningScope>({
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1'),
  service: fc.constantFrom('kinesis', 'other'),
  host: fc.constantFrom('kinesis.us-east-1.amazonaws.com', '127.0.0.1:4567', 'localhost'),
  path: fc.constantFrom('/', '/kinesis', '/a/b/', '//a/./b/../c', "/it's%20a*(b)!", '/%C3%A9/'),
  contentType: fc.constantFrom('application/x-amz-cbor-1.1', 'application/x-amz-json-1.1'),
  target: fc.constantFrom('Kinesis_20131202.PutRecords', 'Kinesis_20131202.ListShards'),
});
/** 2000 … 2099: some dates beside each other, so that the day's key is both kept and replaced. */
const epochMs = fc.integer({ min: 946_684_800_000, max: 4_102_444_799_999 });

async function smithy(scope: SigningScope, body: Uint8Array, who: Credentials, at: number) {
  const signer = new SignatureV4({
    service: scope.service,
    region: scope.region,
    sha256: Sha256,
    applyChecksum: false,
    credentials: {
      accessKeyId: who.accessKeyId,
      secretAccessKey: who.secretAccessKey,
      ...(who.sessionToken === null ? {} : { sessionToken: who.sessionToken }),
    },
  });
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: scope.host,
      path: scope.path,
      query: {},
      headers: {
        host: scope.host,
        'content-type': scope.contentType,
        'x-amz-target': scope.target,
      },
      body,
    },
    { signingDate: new Date(at) },
  );
  const { 'x-amz-date': date, authorization } = signed.headers;
  return { date, authorization };
}

it('signs as @smithy/signature-v4 does, call after call of one signer', async () => {
  const call = fc.record({
    body: fc.uint8Array({ maxLength: 200 }),
    who: credentials,
    at: epochMs,
  });
  await fc.assert(
    fc.asyncProperty(
      scope,
      fc.array(call, { minLength: 1, maxLength: 4 }),
      async (where, calls) => {
        const signer = new Signer(where);
        for (const { body, who, at } of calls) {
          // From one to the next, one thing changes: the second, the day, the key.
          const other = { ...who, secretAccessKey: `${who.secretAccessKey}2` };
          const steps: [Credentials, number][] = [
            [who, at],
            [who, at + 1000],
            [who, at + 86_400_000],
            [other, at + 86_400_000],
          ];
          for (const [caller, moment] of steps) {
            const expected = await smithy(where, body, caller, moment);
            expect(signer.sign(body, caller, moment)).toEqual(expected);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
