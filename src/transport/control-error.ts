import { describeCause, ShardstormError } from '../core/errors.ts';
import { RESOURCE_NOT_FOUND } from '../kinesis/error-codes.ts';
import type { TargetAddress } from './target-address.ts';

/** The service knows the caller's keys and turns them down. */
const CREDENTIALS_REFUSED =
  /^(AccessDenied|UnrecognizedClient|ExpiredToken|InvalidClientTokenId|\w*Signature|MissingAuth|NotAuthorized|OptInRequired)/;
/** The provider chain found nothing, or what it found does not work. */
const CREDENTIALS_MISSING = /^(CredentialsProvider|TokenProvider)Error$/;

/** The reason of a call that was given up. */
export function timedOut(limitMs: number): Error {
  const error = new Error(`no answer within ${limitMs / 1000} s`);
  error.name = 'TimeoutError';
  return error;
}

/**
 * What a call about a stream threw, as an operating error that names endpoint, cause and remedy.
 */
export function controlError(
  thrown: unknown,
  address: TargetAddress,
  streamName: string,
): ShardstormError {
  if (thrown instanceof ShardstormError) return thrown;
  const { name, message, $metadata } = thrown as Error & {
    $metadata?: { httpStatusCode?: number };
  };
  const where = address.endpoint ?? `Kinesis in ${address.region ?? 'the region of the profile'}`;
  if (message === 'Region is missing') {
    return missingRegion(thrown);
  }
  if (CREDENTIALS_MISSING.test(name)) return missingCredentials(thrown);
  if (CREDENTIALS_REFUSED.test(name)) {
    return new ShardstormError(
      'SHARDSTORM_CREDENTIALS_REFUSED',
      `${where} refused the credentials: ${describeCause(thrown)}`,
      {
        hint: 'Check AWS_PROFILE and the permissions kinesis:DescribeStreamSummary, ListShards and PutRecords.',
        cause: thrown,
      },
    );
  }
  if (name === RESOURCE_NOT_FOUND) return missingStream(thrown, streamName, where);
  if ($metadata?.httpStatusCode !== undefined) {
    return new ShardstormError(
      'SHARDSTORM_SERVICE_ERROR',
      `${where} answered ${$metadata.httpStatusCode} ${name}: ${message}`,
      { hint: 'See the message; a throttled or failing service may answer later.', cause: thrown },
    );
  }
  const reason = describeCause(thrown);
  return new ShardstormError(
    'SHARDSTORM_TRANSPORT_UNREACHABLE',
    `cannot reach ${where}: ${reason}`,
    {
      hint: /certificate/i.test(reason)
        ? 'Name the certificate of its authority in the NODE_EXTRA_CA_CERTS variable.'
        : 'Check target.endpoint, target.region and the network; is the endpoint running?',
      retryable: true,
      cause: thrown,
    },
  );
}

/** No region in the scenario, the environment or the profile: there is no endpoint to go to. */
export function missingRegion(cause: unknown): ShardstormError {
  return new ShardstormError('SHARDSTORM_TRANSPORT_UNREACHABLE', 'no AWS region is set', {
    hint: 'Set target.region, the AWS_REGION variable, or a region in the profile (AWS_PROFILE).',
    cause,
  });
}

/** The provider chain gave no credentials. */
export function missingCredentials(cause: unknown): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_CREDENTIALS_MISSING',
    `no AWS credentials: ${describeCause(cause)}`,
    {
      hint: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws sso login`.',
      cause,
    },
  );
}

function missingStream(cause: unknown, streamName: string, where: string): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_SERVICE_STREAM_MISSING',
    `stream "${streamName}" does not exist at ${where}`,
    {
      hint:
        'Set target.create: { shards: 4 }, or create it: ' +
        `aws kinesis create-stream --stream-name ${streamName} --shard-count 4`,
      cause,
    },
  );
}
