/**
 * A Kubernetes Indexed Job, without any operator. In: a job and where its results go. Out: one manifest: ConfigMap with the
 * scenario, ServiceAccount without rights in the cluster, Job. Needs Kubernetes 1.29 (`backoffLimitPerIndex`): a member
 * that failed must not be run twice, nor take the others with it.
 */
import { stringify } from 'yaml';
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

/** Results go to a claim that all members can write (ReadWriteMany), or to S3. */
type KubernetesResults =
  | { readonly kind: 'claim'; readonly claim: string }
  | { readonly kind: 'bucket'; readonly place: BucketPlace; readonly uploadImage: string };

export interface KubernetesOptions {
  readonly image: string;
  readonly namespace: string;
  /** IAM role of the service account (EKS); null: none. */
  readonly roleArn: string | null;
  readonly results: KubernetesResults;
}

/** The image's user `node`. */
const USER_ID = 1000;
const RESULTS = '/results';
const EXIT_FILE = `${RESULTS}/exit-code`;
/** How long a finished job is kept for its logs. */
const KEPT_SECONDS = 86_400;
/** A member that is told to end drains and writes its result first. */
const GRACE_SECONDS = 90;

/** For people to read: no anchors, no folded lines. */
const YAML = { lineWidth: 0, aliasDuplicateObjects: false } as const;

const CONFINED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

export function renderKubernetes(job: FleetJob, options: KubernetesOptions): RenderedFleet {
  const jobName = jobNameOf(job);
  const { namespace, roleArn, results } = options;
  const labels = { 'app.kubernetes.io/name': 'shardstorm', 'app.kubernetes.io/instance': jobName };
  const metadata = { name: jobName, namespace, labels };
  const manifests = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      immutable: true,
      data: { 'scenario.yaml': job.scenarioYaml },
    },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        ...metadata,
        ...(roleArn === null ? {} : { annotations: { 'eks.amazonaws.com/role-arn': roleArn } }),
      },
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata,
      spec: jobSpec(job, jobName, labels, options),
    },
  ];
  const content = manifests.map((manifest) => stringify(manifest, YAML)).join('---\n');
  const head = `# ${job.members} shares of ${JSON.stringify(job.name)}, all starting at ${job.startAt}: apply it before then.\n`;
  const bucket = results.kind === 'bucket' ? results.place : null;
  return {
    jobName,
    files: [{ name: 'job.yaml', content: head + content }, ...policyFiles(job.stream, bucket)],
    submit: [['kubectl', 'apply', '-f', '{dir}/job.yaml']],
    watch: [
      ...['kubectl', 'get', 'pods', '--namespace', namespace],
      ...['--selector', `batch.kubernetes.io/job-name=${jobName}`, '--watch'],
    ],
    merge:
      bucket === null
        ? `shardstorm merge '<where the claim is mounted>/${jobName}'`
        : mergeFromBucket(bucketUrl(bucket, jobName)),
    remove: ['kubectl', 'delete', '-f', '{dir}/job.yaml'],
  };
}

function jobSpec(
  job: FleetJob,
  jobName: string,
  labels: Readonly<Record<string, string>>,
  options: KubernetesOptions,
) {
  return {
    completionMode: 'Indexed',
    completions: job.members,
    parallelism: job.members,
    backoffLimitPerIndex: 0,
    maxFailedIndexes: job.members,
    activeDeadlineSeconds: job.deadlineSeconds,
    ttlSecondsAfterFinished: KEPT_SECONDS,
    template: {
      metadata: {
        labels,
        // A member that is moved to another node is lost.
        annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
      },
      spec: {
        restartPolicy: 'Never',
        serviceAccountName: jobName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: GRACE_SECONDS,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER_ID,
          runAsGroup: USER_ID,
          fsGroup: USER_ID,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: labels },
          },
        ],
        ...containers(job, jobName, options),
        volumes: volumes(jobName, options.results),
      },
    },
  };
}

/** With a claim the member is the container; with S3 it comes first, and what takes its result away after it. */
function containers(job: FleetJob, jobName: string, { image, results }: KubernetesOptions) {
  const isClaim = results.kind === 'claim';
  const words = memberWords(job, {
    scenario: '/scenario/scenario.yaml',
    startAt: job.startAt,
    out: isClaim ? `${RESULTS}/${jobName}` : `${RESULTS}/share`,
  });
  const line = [...IMAGE_PROGRAM, ...words].map(shellWord).join(' ');
  const load = {
    name: 'load',
    image,
    ...(isClaim ? { args: words } : { command: ['/bin/sh', '-c', supervised(line, EXIT_FILE)] }),
    env: job.stream?.region == null ? [] : [{ name: 'AWS_REGION', value: job.stream.region }],
    resources: resources(String(job.cpus), `${job.memoryMib}Mi`),
    securityContext: CONFINED,
    volumeMounts: [
      { name: 'scenario', mountPath: '/scenario', readOnly: true },
      { name: 'results', mountPath: RESULTS },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
  if (results.kind === 'claim') return { containers: [load] };
  const copy = `aws s3 cp --recursive ${RESULTS}/share ${shellWord(bucketUrl(results.place, jobName))}`;
  const upload = {
    name: 'upload',
    image: results.uploadImage,
    command: ['/bin/sh', '-c', `${copy} && exit "$(cat ${EXIT_FILE})"`],
    env: [{ name: 'HOME', value: '/tmp' }],
    resources: resources('100m', '256Mi'),
    securityContext: CONFINED,
    volumeMounts: [
      { name: 'results', mountPath: RESULTS, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
  return { initContainers: [load], containers: [upload] };
}

/** What is asked for is what there is: a member on borrowed cores measures its neighbours. */
function resources(cpu: string, memory: string) {
  return { requests: { cpu, memory }, limits: { cpu, memory } };
}

function volumes(jobName: string, results: KubernetesResults) {
  return [
    { name: 'scenario', configMap: { name: jobName } },
    results.kind === 'claim'
      ? { name: 'results', persistentVolumeClaim: { claimName: results.claim } }
      : { name: 'results', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
  ];
}
