/**
 * An AWS Batch array job. In: a job and where its results go. Out: a job definition of one start, the commands that register
 * and submit it, and the policy of its role. The scenario travels in the definition.
 */
import { type BucketPlace, bucketUrl, policyFiles } from './iam.ts';
import {
  type FleetJob,
  IMAGE_PROGRAM,
  jobNameOf,
  memberWords,
  mergeFromBucket,
  type RenderedFleet,
  shellWord,
  supervised,
} from './job.ts';

/** Results go to a file system that all members mount, or to S3. */
type BatchResults =
  | { readonly kind: 'fileSystem'; readonly id: string }
  | { readonly kind: 'bucket'; readonly place: BucketPlace; readonly uploadImage: string };

export interface BatchOptions {
  readonly image: string;
  readonly queue: string;
  /** Role of the members; it needs the rendered policy. */
  readonly jobRoleArn: string;
  readonly results: BatchResults;
}

/** An array has 2 to 10,000: https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html, read 2026-11-23. */
export const BATCH_MEMBERS_MIN = 2;
/** https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html: 24 KiB, less what surrounds the scenario. */
export const BATCH_SCENARIO_BYTES_MAX = 14 * 1024;

/** A folder of the image that belongs to its user: an empty volume mounted there does too. */
const RESULTS = '/runs';
const EXIT_FILE = `${RESULTS}/exit-code`;
const SCENARIO = '/tmp/scenario.yaml';
const VOLUME_RESULTS = 'results';
const TMP_MIB = 64;

export function renderBatch(job: FleetJob, options: BatchOptions): RenderedFleet {
  const jobName = jobNameOf(job);
  const { queue, results } = options;
  const bucket = results.kind === 'bucket' ? results.place : null;
  const definition = {
    jobDefinitionName: jobName,
    type: 'container',
    platformCapabilities: ['EC2'],
    // A share that is run again offers its records twice.
    retryStrategy: { attempts: 1 },
    timeout: { attemptDurationSeconds: job.deadlineSeconds },
    propagateTags: true,
    tags: { 'shardstorm-job': jobName },
    ecsProperties: {
      taskProperties: [
        {
          taskRoleArn: options.jobRoleArn,
          containers: containers(job, jobName, options),
          volumes: volumes(results),
        },
      ],
    },
  };
  const content = `${JSON.stringify(definition, null, 2)}\n`;
  return {
    jobName,
    files: [{ name: 'job-definition.json', content }, ...policyFiles(job.stream, bucket)],
    submit: [
      [
        'aws',
        'batch',
        'register-job-definition',
        '--cli-input-json',
        'file://{dir}/job-definition.json',
      ],
      [
        ...['aws', 'batch', 'submit-job', '--job-name', jobName, '--job-queue', queue],
        ...['--job-definition', jobName, '--array-properties', `size=${job.members}`],
      ],
    ],
    watch: [
      ...['aws', 'batch', 'list-jobs', '--job-queue', queue],
      ...['--filters', `name=JOB_NAME,values=${jobName}`],
    ],
    merge:
      bucket === null
        ? `shardstorm merge '<where the file system is mounted>/${jobName}'`
        : mergeFromBucket(bucketUrl(bucket, jobName)),
    remove: ['aws', 'batch', 'deregister-job-definition', '--job-definition', `${jobName}:1`],
  };
}

/** The member, and with S3 what takes its result away when it has ended, whatever it came to. */
function containers(job: FleetJob, jobName: string, { image, results }: BatchOptions) {
  const isBucket = results.kind === 'bucket';
  const words = memberWords(job, {
    scenario: SCENARIO,
    startAt: job.startAt,
    out: isBucket ? `${RESULTS}/share` : `${RESULTS}/${jobName}`,
  });
  const line = [...IMAGE_PROGRAM, ...words].map(shellWord).join(' ');
  const unpack = `printf %s "$SHARDSTORM_SCENARIO" | base64 -d > ${SCENARIO}`;
  const load = {
    name: 'load',
    image,
    // With the upload beside it, the upload's end is the job's.
    essential: !isBucket,
    command: [
      '/bin/sh',
      '-c',
      `${unpack} || exit 2\n${isBucket ? supervised(line, EXIT_FILE) : `exec ${line}`}`,
    ],
    environment: [
      { name: 'SHARDSTORM_SCENARIO', value: Buffer.from(job.scenarioYaml).toString('base64') },
      ...(job.stream?.region == null ? [] : [{ name: 'AWS_REGION', value: job.stream.region }]),
    ],
    ...confined(String(job.cpus), String(job.memoryMib)),
  };
  if (!isBucket) return [load];
  const copy = `aws s3 cp --recursive ${RESULTS}/share ${shellWord(bucketUrl(results.place, jobName))}`;
  const upload = {
    name: 'upload',
    image: results.uploadImage,
    essential: true,
    dependsOn: [{ containerName: 'load', condition: 'COMPLETE' }],
    command: ['/bin/sh', '-c', `${copy} && exit "$(cat ${EXIT_FILE})"`],
    environment: [{ name: 'HOME', value: '/tmp' }],
    ...confined('1', '256'),
  };
  return [load, upload];
}

function confined(cpus: string, memoryMib: string) {
  return {
    user: '1000',
    privileged: false,
    readonlyRootFilesystem: true,
    linuxParameters: {
      tmpfs: [{ containerPath: '/tmp', size: TMP_MIB, mountOptions: ['mode=1777'] }],
    },
    mountPoints: [{ sourceVolume: VOLUME_RESULTS, containerPath: RESULTS, readOnly: false }],
    resourceRequirements: [
      { type: 'VCPU', value: cpus },
      { type: 'MEMORY', value: memoryMib },
    ],
  };
}

function volumes(results: BatchResults) {
  return [
    results.kind === 'fileSystem'
      ? {
          name: VOLUME_RESULTS,
          efsVolumeConfiguration: { fileSystemId: results.id, transitEncryption: 'ENABLED' },
        }
      : { name: VOLUME_RESULTS, host: {} },
  ];
}
