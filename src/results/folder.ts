/**
 * A result folder being written. In: rows, events and histograms while the run goes on, the rest at its end. Out:
 * `<out>/<run id>/`, whole or not there: until then it is `<out>/.<run id>.partial`, and stays that where it cannot be
 * made whole. Invariant: nothing is buffered, so
 * memory does not grow with the run, and no text reaches a file unredacted.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { HdrLog } from '../measure/hdr-log.ts';
import type { Interval } from '../measure/interval.ts';
import type { MergedEvent } from '../measure/merge.ts';
import { type LatencyGroup, mergeGroups } from '../measure/run-totals.ts';
import type { Delivery } from './delivery.ts';
import type { Environment } from './environment.ts';
import { FrameSpool } from './frames-file.ts';
import { redact, redactedJson } from './redact.ts';
import type { ShareFile } from './share-file.ts';
import type { Summary } from './summary.ts';
import type { TimelineRow } from './timeline.ts';
import type { Verification } from './verification.ts';
import { hintFor, makeFolder, unwritable, writeWhole } from './write.ts';

/** Files of a result folder. */
export const RESULT_FILES = {
  summary: 'summary.json',
  timeline: 'timeline.jsonl',
  latency: 'latency.hlog',
  scenario: 'scenario.yaml',
  environment: 'environment.json',
  events: 'events.jsonl',
  report: 'report.html',
  delivery: 'delivery.json',
  verification: 'verification.json',
  /** Of a run that is a share of a larger one. */
  share: 'share.json',
  frames: 'frames.bin',
} as const;

export interface ResultFolderOptions {
  /** Folder that holds the result folders, such as `results`; made if missing. */
  readonly out: string;
  readonly runId: string;
  /**
   * Whether a folder of that id is replaced, and what an ended process left of one: for runs that can be repeated. One that
   * holds more than a run wrote, such as tags, is somebody's and stays.
   */
  readonly replaces?: boolean;
  /** What makes this result once more, for the hint of a full disk; default: `run again`. */
  readonly redo?: string;
  /** Bytes of frames that are kept, of a run that is a share of a larger one; absent: none are. */
  readonly framesBytesMax?: number;
}

/** What is known only at the end. */
export interface FinalFiles {
  readonly summary: Summary;
  /** The scenario with every default resolved, as YAML. */
  readonly scenarioYaml: string;
  readonly environment: Environment;
  /** null: there is nothing to verify, as in virtual time. */
  readonly delivery?: Delivery | null;
  /** null: the run was not verified. */
  readonly verification?: Verification | null;
  /** The page, self-contained. */
  readonly reportHtml: string;
  /** Histograms of the measured phases, and how long they took. */
  readonly totals: LatencyGroup;
  readonly durationUs: number;
  /** null: the run is whole. Its frames are known when they are all written. */
  readonly share: Omit<ShareFile, 'framesSha256'> | null;
}

type Streamed = 'timeline' | 'latency' | 'events';
const STREAMED: readonly Streamed[] = ['timeline', 'latency', 'events'];

const FORCED = { recursive: true, force: true } as const;

export class ResultFolder {
  /** Where the folder will be when it is whole. */
  readonly path: string;
  readonly #partial: string;
  readonly #replaces: boolean;
  readonly #redo: string;
  readonly #open = new Map<Streamed, number>();
  readonly #log: HdrLog;
  #frames: FrameSpool | null = null;
  /** The first write that failed; later ones are not tried, and {@link finish} reports it. */
  #failure: ShardstormError | null = null;
  #pageFailure: ShardstormError | null = null;
  #hasBegun = false;
  #isSummaryWritten = false;

  /**
   * Makes the folder and opens its growing files, so that a place that cannot be written to is known before the run.
   * @throws SHARDSTORM_RESULTS_UNWRITABLE
   */
  constructor(options: ResultFolderOptions) {
    const out = resolve(options.out);
    this.path = join(out, options.runId);
    this.#partial = partialPath(options.out, options.runId);
    this.#replaces = options.replaces ?? false;
    this.#redo = options.redo ?? 'run again';
    if (this.#replaces) {
      this.#attempt(() => refuseKept(this.path));
      this.#attempt(() => rmSync(this.#partial, FORCED));
    } else this.#attempt(() => refuseExisting(this.path));
    this.#attempt(() => makeFolder(this.#partial));
    for (const name of STREAMED) {
      this.#attempt(() => this.#open.set(name, openSync(this.#file(RESULT_FILES[name]), 'wx')));
    }
    const { framesBytesMax } = options;
    if (framesBytesMax !== undefined) {
      this.#attempt(() => {
        this.#frames = new FrameSpool(this.#file(RESULT_FILES.frames), framesBytesMax);
      });
    }
    this.#log = new HdrLog((text) => this.#append('latency', text));
    if (this.#failure !== null) throw this.#failure;
  }

  /** Whether there may be something in it that was measured. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The run begins. @param originEpochMs Unix time of its origin: times in the files count from it */
  begin(originEpochMs: number): void {
    this.#hasBegun = true;
    this.#log.header(originEpochMs, [
      '[Logged by shardstorm; values in microseconds, maxima in milliseconds]',
    ]);
  }

  /** Why the folder has no page although all else is there; null: it has one. */
  get pageFailure(): ShardstormError | null {
    return this.#pageFailure;
  }

  /** The first write that failed, or null: a run that cannot be kept may as well stop. */
  get failure(): ShardstormError | null {
    return this.#failure;
  }

  /**
   * One second: its rows, one a phase, and its histograms, one line a metric. What is not measured has tags of its own, so
   * that a tag's lines add up to its total.
   */
  interval(interval: Interval, rows: readonly TimelineRow[]): void {
    for (const row of rows) this.#append('timeline', `${redactedJson(row)}\n`);
    for (const isMeasured of [true, false]) {
      const groups = interval.phases.filter((_, i) => (rows[i]?.measured ?? true) === isMeasured);
      if (groups.length === 0) continue;
      const prefix = isMeasured ? '' : 'unmeasured.';
      this.#log.group(mergeGroups(groups), interval.startUs, interval.endUs, prefix);
    }
  }

  /** A worker's frame, for merging the shares of a run. */
  frame(packed: Uint8Array): void {
    this.#attempt(() => this.#frames?.add(packed));
  }

  event(event: MergedEvent): void {
    const { atUs, worker, kind, message } = event;
    const line = { schema: 'shardstorm.event/1', atMs: atUs / 1000, worker, kind, message };
    this.#append('events', `${redactedJson(line)}\n`);
  }

  /**
   * Writes the rest and puts the folder in its place. It is either whole or stays partial; only the page may be missing,
   * which is made of the other files and takes more room than they do: {@link pageFailure} tells of it.
   * @returns the folder's path
   * @throws SHARDSTORM_RESULTS_INCOMPLETE
   */
  finish(files: FinalFiles): string {
    this.#log.group(files.totals, 0, files.durationUs, 'total.');
    this.#write('scenario', redact(files.scenarioYaml));
    this.#write('environment', `${redactedJson(files.environment, 2)}\n`);
    const { delivery = null, verification = null } = files;
    if (delivery !== null) this.#write('delivery', `${redactedJson(delivery)}\n`);
    if (verification !== null) this.#write('verification', `${redactedJson(verification, 2)}\n`);
    let framesSha256 = '';
    this.#attempt(() => {
      framesSha256 = this.#frames?.finish() ?? '';
    });
    if (files.share !== null) {
      this.#write('share', `${redactedJson({ ...files.share, framesSha256 }, 2)}\n`);
    }
    this.#write('summary', `${redactedJson(files.summary, 2)}\n`);
    this.#isSummaryWritten = this.#failure === null;
    this.#close();
    this.#writePage(redact(files.reportHtml));
    if (this.#replaces) {
      // Again: somebody may have tagged it meanwhile.
      this.#attempt(() => refuseKept(this.path));
      this.#attempt(() => rmSync(this.path, FORCED));
    }
    this.#attempt(() => renameSync(this.#partial, this.path));
    if (this.#failure !== null) throw this.#failure;
    return this.path;
  }

  /** Takes everything back: nothing was measured. */
  discard(): void {
    this.#close();
    rmSync(this.#partial, FORCED);
  }

  #file(name: string): string {
    return join(this.#partial, name);
  }

  #append(name: Streamed, text: string): void {
    const descriptor = this.#open.get(name);
    if (descriptor !== undefined) this.#attempt(() => writeWhole(descriptor, text));
  }

  #write(name: keyof typeof RESULT_FILES, text: string): void {
    this.#attempt(() => writeSynced(this.#file(RESULT_FILES[name]), text));
  }

  /** Last: where the disk is too small, what can be made again is what to lose, and as a whole. */
  #writePage(text: string): void {
    if (this.#failure !== null) return;
    try {
      writeSynced(this.#file(RESULT_FILES.report), text);
    } catch (thrown) {
      this.#pageFailure = withoutPage(this.path, thrown);
      this.#attempt(() => rmSync(this.#file(RESULT_FILES.report), FORCED));
    }
  }

  #close(): void {
    for (const descriptor of this.#open.values()) {
      // Before the folder gets its name: else a machine that dies may keep the name and lose the content.
      this.#attempt(() => fsyncSync(descriptor));
      this.#attempt(() => closeSync(descriptor));
    }
    this.#open.clear();
  }

  #attempt(write: () => void): void {
    if (this.#failure !== null) return;
    try {
      write();
    } catch (thrown) {
      this.#failure = this.#hasBegun
        ? this.#incomplete(thrown)
        : unwritable('the result folder', this.#partial, thrown);
    }
  }

  /** There are figures, and they cannot be kept as a whole. */
  #incomplete(cause: unknown): ShardstormError {
    const message = `the result folder ${this.path} could not be written: ${describeCause(cause)}; what could be is in ${this.#partial}`;
    const isStored = this.#isSummaryWritten;
    const stored = isStored ? ', and summary.json there is whole' : ' and is not stored';
    return new ShardstormError('SHARDSTORM_RESULTS_INCOMPLETE', message, {
      hint: `${hintFor(cause)} Then ${this.#redo}: the summary was printed${stored}.`,
      cause,
    });
  }
}

function writeSynced(path: string, text: string): void {
  const descriptor = openSync(path, 'w');
  try {
    writeWhole(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function withoutPage(path: string, cause: unknown): ShardstormError {
  const message = `${RESULT_FILES.report} could not be written: ${describeCause(cause)}; all other files of ${path} are whole`;
  return new ShardstormError('SHARDSTORM_RESULTS_INCOMPLETE', message, {
    hint: `${hintFor(cause, '')} Then \`shardstorm report ${path}\` writes the page.`,
    cause,
  });
}

/** Another result is never overwritten. */
function refuseExisting(path: string): void {
  if (existsSync(path)) throw Object.assign(new Error('EEXIST: it exists'), { code: 'EEXIST' });
}

const OWN_FILES: ReadonlySet<string> = new Set(Object.values(RESULT_FILES));

/** A run writes its own files again, and nothing that a person or another program put beside them. */
function refuseKept(path: string): void {
  if (!existsSync(path)) return;
  const kept = readdirSync(path).filter((name) => !OWN_FILES.has(name));
  if (kept.length === 0) return;
  const message = `EEXIST: it exists and holds ${kept.join(', ')}, which no run writes`;
  throw Object.assign(new Error(message), { code: 'EEXIST' });
}

/** Where a run's folder is until it is whole. */
export function partialPath(out: string, runId: string): string {
  return join(resolve(out), `.${runId}.partial`);
}
