import type { Options } from 'yargs';
import type { Command } from './command.ts';
import { SCENARIO_FLAGS } from './flags.ts';
import type { FleetEngine } from './fleet-inputs.ts';

const one = (describe: string): Options => ({ type: 'string', requiresArg: true, describe });

/** Flags of every engine. */
const FLEET_FLAGS: Readonly<Record<string, Options>> = {
  ...SCENARIO_FLAGS,
  members: { ...one('how many machines share the load'), demandOption: true },
  'start-in': one(
    'from now until all begin; default 120s, in a Slurm job 20s after it has its nodes',
  ),
  cpus: { ...one('whole cores of a member'), default: '2' },
  memory: { ...one('memory of a member'), default: '2GiB' },
  'time-source': one('ntp://host[:port]: members tell how far their clocks are off'),
  out: { ...one('folder for the rendered files'), default: 'fleet/' },
  submit: { type: 'boolean', describe: 'hand the job to the engine as well' },
  yes: { type: 'boolean', describe: 'do not ask before spending money' },
  json: { type: 'boolean', describe: 'one JSON document on stdout, and nothing else there' },
};
const IMAGE = one("image of the program: the Dockerfile's, in a registry that members reach");
const UPLOAD_IMAGE = {
  ...one('image with the AWS command line, for results in S3'),
  default: 'public.ecr.aws/aws-cli/aws-cli:latest',
};

const EXAMPLES: Readonly<Record<FleetEngine, readonly [string, string]>> = {
  kubernetes: [
    '$0 fleet kubernetes my.yaml --members 8 --image registry/shardstorm --results pvc:results',
    'job.yaml, to be applied within two minutes; or add --submit',
  ],
  batch: [
    '$0 fleet batch my.yaml --members 8 --image IMAGE --queue load --role-arn ARN --results s3://bucket/runs',
    'a job definition, the commands that submit it, and the policy of its role',
  ],
  slurm: ['$0 fleet slurm my.yaml --members 4 --out /shared/load --submit', 'four nodes, one load'],
};

/** `fleet <engine> <scenario>`: a job that runs a scenario on many machines. */
export const fleetCommand: Command = {
  command: 'fleet <engine>',
  describe: 'one load from many machines: a job for an engine that you already run',
  subcommands: [
    engine('kubernetes', 'an Indexed Job for Kubernetes 1.29 and later', {
      image: IMAGE,
      results: one('pvc:CLAIM, which all members can write, or s3://bucket/prefix'),
      'upload-image': UPLOAD_IMAGE,
      namespace: { ...one('namespace of the job'), default: 'default' },
      'role-arn': one('IAM role of the members (EKS service account)'),
    }),
    engine('batch', 'an array job for AWS Batch on EC2', {
      image: IMAGE,
      results: one('efs:FILE_SYSTEM_ID or s3://bucket/prefix'),
      'upload-image': UPLOAD_IMAGE,
      queue: one('job queue'),
      'role-arn': one('IAM role of the members; it needs the rendered policy'),
    }),
    engine('slurm', 'an sbatch script; its folder must be one that all nodes see', {
      array: {
        type: 'boolean',
        describe: 'one job a member, placed one by one; otherwise one job of N tasks (srun)',
      },
      partition: one('partition; default: that of the cluster'),
      program: one('what starts the program on a node; default: this program at its own path'),
    }),
  ],
};

function engine(
  name: FleetEngine,
  describe: string,
  flags: Readonly<Record<string, Options>>,
): Command {
  return {
    command: `${name} <scenario>`,
    describe,
    positionals: { scenario: { type: 'string', describe: 'scenario file (YAML or JSON)' } },
    flags: { ...FLEET_FLAGS, ...flags },
    examples: [EXAMPLES[name]],
    run: async (args, io) => (await import('./fleet-action.ts')).makeFleet(name, args, io),
  };
}
