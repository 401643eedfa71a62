/**
 * A Slurm job, in one of two forms. In: a job and where the program is. Out: an sbatch script and the scenario beside it, in a
 * folder that all nodes see. `srun`: one job of N tasks, which have their nodes at the same time, so the script itself sets
 * the start when it begins, however long it waited in the queue, and merges at the end. `array`: N jobs that the queue places one by
 * one; their start is agreed on when they are submitted.
 */
import { type FleetJob, jobNameOf, memberWords, type RenderedFleet, shellWord } from './job.ts';

export interface SlurmOptions {
  /** Absolute path of the folder that the script, the scenario and the results are in. */
  readonly folder: string;
  /** Words that start the program on a node. */
  readonly program: readonly string[];
  readonly form: 'srun' | 'array';
  /** From the begin of an `srun` job to the load's start. */
  readonly startInSeconds: number;
  /** null: the cluster's own. */
  readonly partition: string | null;
}

/** The script reads it: set when it is submitted. */
const START_VARIABLE = 'SHARDSTORM_START_AT';
/** Before Slurm kills at the time limit it asks, and a member then has this long to write. */
const WARN_SECONDS = 60;

export function renderSlurm(job: FleetJob, options: SlurmOptions): RenderedFleet {
  const jobName = jobNameOf(job);
  const { folder, program, form } = options;
  const places = {
    scenario: `${folder}/scenario.yaml`,
    startAt: `$${START_VARIABLE}`,
    out: `${folder}/shares`,
  };
  const member = [...program, ...memberWords(job, places)]
    .map((word) => (word === places.startAt ? `"${word}"` : shellWord(word)))
    .join(' ');
  const merge = [...program, 'merge', places.out, '--out', `${folder}/merged`]
    .map(shellWord)
    .join(' ');
  const body =
    form === 'array' ? arrayBody(member) : srunBody(member, merge, options.startInSeconds);
  const content = `${[...head(job, jobName, options), '', ...body].join('\n')}\n`;
  const script = '{dir}/job.sbatch';
  return {
    jobName,
    files: [
      { name: 'job.sbatch', content },
      { name: 'scenario.yaml', content: job.scenarioYaml },
    ],
    submit: [
      form === 'array'
        ? ['sbatch', `--export=ALL,${START_VARIABLE}=${job.startAt}`, script]
        : ['sbatch', script],
    ],
    watch: ['squeue', '--name', jobName],
    merge: form === 'array' ? merge : `the job itself does, into ${shellWord(`${folder}/merged`)}`,
    remove: ['scancel', '--name', jobName],
  };
}

function head(job: FleetJob, jobName: string, { folder, form, partition }: SlurmOptions): string[] {
  const minutes = Math.ceil(job.deadlineSeconds / 60);
  const isArray = form === 'array';
  const directives = [
    `--job-name=${jobName}`,
    isArray ? `--array=0-${job.members - 1}` : `--ntasks=${job.members}`,
    // A node each: members that share one share its cores and its network.
    ...(isArray ? ['--ntasks=1'] : [`--nodes=${job.members}`, '--ntasks-per-node=1']),
    `--cpus-per-task=${job.cpus}`,
    `--mem=${job.memoryMib}M`,
    `--time=${minutes}`,
    `--signal=TERM@${WARN_SECONDS}`,
    // A share that is run again offers its records twice.
    '--no-requeue',
    // Quotes are for blanks; what sbatch would read otherwise is refused where the folder is named.
    `--output="${folder}/slurm-%${isArray ? 'A_%a' : 'j'}.log"`,
    ...(partition === null ? [] : [`--partition=${partition}`]),
  ];
  return ['#!/bin/bash', ...directives.map((directive) => `#SBATCH ${directive}`)];
}

function arrayBody(member: string): string[] {
  return [
    'set -u',
    `: "\${${START_VARIABLE}:?set it when submitting: sbatch --export=ALL,${START_VARIABLE}=2026-11-23T18:30:00Z}"`,
    `exec ${member}`,
  ];
}

function srunBody(member: string, merge: string, startInSeconds: number): string[] {
  return [
    'set -u',
    '# All nodes are there now: every task gets the same instant.',
    `${START_VARIABLE}=$(( $(date +%s) + ${startInSeconds} ))`,
    `export ${START_VARIABLE}`,
    '# A member that fails does not end the others, and its place in the result is named.',
    `srun --kill-on-bad-exit=0 --wait=0 --label ${member}`,
    'members=$?',
    `${merge} --force`,
    'merged=$?',
    '[ "$merged" -ne 0 ] || exit "$members"',
    'exit "$merged"',
  ];
}
