/**
 * A fleet's job as every engine needs it. In: a scenario made whole, and what the user chose. Out: names and the command line
 * of a member. The renderers of the engines (kubernetes.ts, batch.ts, slurm.ts) turn it into files that those engines read:
 * pure functions, nothing is written or sent here. Invariant: every member runs the same command; which share it does, its
 * engine tells it.
 */

/** What all engines need. */
export interface FleetJob {
  /** Of the scenario; names in engines are made from it. */
  readonly name: string;
  /** Six letters and digits that no other job of this scenario and start has. */
  readonly id: string;
  readonly members: number;
  /** The scenario with every default and override resolved. */
  readonly scenarioYaml: string;
  /** The instant at which all begin, ISO 8601. */
  readonly startAt: string;
  /** From the start until all is settled and written, with room to spare. */
  readonly deadlineSeconds: number;
  /** Cores and memory of one member. */
  readonly cpus: number;
  readonly memoryMib: number;
  /** `ntp://host[:port]`; null: clocks stay unchecked. */
  readonly timeSource: string | null;
  readonly stream: StreamNeed | null;
}

/** What a member must be allowed to do; null where the target is not AWS. */
export interface StreamNeed {
  readonly name: string;
  /** null: the machine's own. */
  readonly region: string | null;
  /** The scenario makes the stream where it is missing. */
  readonly isCreated: boolean;
}

/** A rendered file. */
export interface FleetFile {
  readonly name: string;
  readonly content: string;
}

/** What an engine's renderer makes. */
export interface RenderedFleet {
  /** Name of the job in the engine. */
  readonly jobName: string;
  readonly files: readonly FleetFile[];
  /** Command lines, as words; `{dir}` stands for the folder of the files. */
  readonly submit: readonly (readonly string[])[];
  /** How to see it and to remove all of it: command lines, as words, for people to run. */
  readonly watch: readonly string[];
  readonly remove: readonly string[];
  /** How to bring its results together: a line for a shell, or a sentence. */
  readonly merge: string;
}

/** Longest name that leaves room for what engines add: Kubernetes puts the index behind it and allows 63 characters. */
const NAME_MAX = 52;

/** Of the scenario, the start and the id: no two jobs have the same, and results of two starts never mix. */
export function jobNameOf({
  name,
  startAt,
  id,
}: Pick<FleetJob, 'name' | 'startAt' | 'id'>): string {
  const stamp = `${startAt.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${id}`;
  const room = NAME_MAX - stamp.length - 1;
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, room)
    .replace(/^-+|-+$/g, '');
  return `${/^[a-z]/.test(words) ? words : `run-${words}`.slice(0, room).replace(/-+$/, '')}-${stamp}`;
}

/** Words of a member's command after the program: the same for all. */
export function memberWords(
  job: Pick<FleetJob, 'members' | 'timeSource'>,
  places: { readonly scenario: string; readonly startAt: string; readonly out: string },
): readonly string[] {
  const { members, timeSource } = job;
  return [
    'run',
    places.scenario,
    '--share',
    `auto/${members}`,
    '--start-at',
    places.startAt,
    ...(timeSource === null ? [] : ['--time-source', timeSource]),
    '--out',
    places.out,
    // Money was agreed to when the job was made, for all members together.
    '--yes',
  ];
}

/** The program in the image of the Dockerfile. */
export const IMAGE_PROGRAM: readonly string[] = ['node', '/opt/shardstorm/dist/src/cli/main.js'];

/** Its results fetched from S3 and merged, as a line for a shell. */
export function mergeFromBucket(url: string): string {
  return `aws s3 cp --recursive ${shellWord(url)} shares/ && shardstorm merge shares/`;
}

/** A word that a shell reads as it stands. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}

/**
 * A shell's lines that run a member, pass a signal on to it so that it ends whole, and leave its exit code in a file: whoever
 * brings the result away comes after it, whatever it came to.
 */
export function supervised(command: string, exitFile: string): string {
  return [
    `${command} & pid=$!`,
    `trap 'kill -TERM "$pid"' TERM INT`,
    'wait "$pid"; code=$?',
    '# A signal ends the first wait, not the program.',
    'while kill -0 "$pid" 2>/dev/null; do wait "$pid"; code=$?; done',
    `echo "$code" > ${exitFile}`,
  ].join('\n');
}
