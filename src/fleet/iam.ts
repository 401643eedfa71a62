/** What a member may do at AWS, and nothing else. In: its stream and where results go. Out: an IAM policy document. */
import type { FleetFile, StreamNeed } from './job.ts';

/** A place in S3, `s3://bucket/prefix`. */
export interface BucketPlace {
  readonly bucket: string;
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string;
}

/** `s3://bucket[/prefix]`; null: it is not of that form. */
export function parseBucket(text: string): BucketPlace | null {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.()/-]*))?$/.exec(text);
  if (match === null) return null;
  return { bucket: match[1] ?? '', prefix: (match[2] ?? '').replace(/^\/+|\/+$/g, '') };
}

/** The URL of something below the place. */
export function bucketUrl({ bucket, prefix }: BucketPlace, name: string): string {
  return `s3://${[bucket, prefix, name].filter((part) => part !== '').join('/')}`;
}

/** The policy as a file; none where nothing of AWS is used. */
export function policyFiles(
  stream: StreamNeed | null,
  results: BucketPlace | null,
): readonly FleetFile[] {
  const statements = [
    ...(stream === null ? [] : [streamStatement(stream)]),
    ...(results === null ? [] : [resultStatement(results, partitionOf(stream?.region ?? null))]),
  ];
  if (statements.length === 0) return [];
  const policy = { Version: '2012-10-17', Statement: statements };
  return [{ name: 'iam-policy.json', content: `${JSON.stringify(policy, null, 2)}\n` }];
}

function streamStatement({ name, region, isCreated }: StreamNeed) {
  const partition = partitionOf(region);
  return {
    Sid: 'LoadTheStream',
    Effect: 'Allow',
    Action: [
      'kinesis:PutRecords',
      'kinesis:ListShards',
      'kinesis:DescribeStreamSummary',
      ...(isCreated ? ['kinesis:CreateStream'] : []),
    ],
    // The account is that of the role: an identity policy reaches no other account's streams by itself.
    Resource: `arn:${partition}:kinesis:${region ?? '*'}:*:stream/${name}`,
  };
}

function resultStatement({ bucket, prefix }: BucketPlace, partition: string) {
  const path = [bucket, prefix, '*'].filter((part) => part !== '').join('/');
  return {
    Sid: 'StoreResults',
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
    Resource: `arn:${partition}:s3:::${path}`,
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, read 2026-11-23. */
function partitionOf(region: string | null): string {
  if (region?.startsWith('cn-') === true) return 'aws-cn';
  return region?.startsWith('us-gov-') === true ? 'aws-us-gov' : 'aws';
}
