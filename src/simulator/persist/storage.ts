/**
 * `simulate --persist`: a simulator's state and records in a folder. In: what the core tells of. Out: files, and at the
 * start what they held. Records are appended before their call is answered; the state is written to a new file and put in
 * place whole, before the first record that needs it, and once a second while anything changes. So the end of the
 * process at any point loses no accepted record, and at the most the last second of other counts and changes.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describeCause, ShardstormError } from '../../core/errors.ts';
import type { Damaged } from '../core/damage.ts';
import type { PutCall } from '../core/put-call.ts';
import type { StoredBody } from '../core/record-store.ts';
import type { Journal, Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import { EntryWriter } from './entry.ts';
import { Replay } from './replay.ts';
import { Segments } from './segments.ts';
import { decodeSnapshot, encodeSnapshot, type SegmentPlace, type Snapshot } from './snapshot.ts';
import { restoreState, stateOf } from './state.ts';

const STATE = /^state-(\d{8})\.bin$/;
/** States kept, so that a damaged one has another behind it. */
const STATES_KEPT = 2;
const EVERY_US = 1_000_000;
/** Writing the state may take this share of the time at the most. */
const WRITE_SHARE = 0.05;

/** What was found in the folder, and what is wrong with it, in sentences. */
export interface Restored {
  readonly streams: number;
  /** That can be read again. */
  readonly records: number;
  readonly problems: readonly string[];
}

export class Storage implements Journal {
  readonly restored: Restored;
  readonly #simulator: Simulator;
  readonly #folder: string;
  readonly #segments: Segments;
  readonly #writer = new EntryWriter();
  readonly #tell: (problem: string) => void;
  #stateNumber = 0;
  /** Whether settings, or only counts, changed since the state was written. */
  #isChanged = true;
  #isCounted = false;
  #timer: { cancel(): void } | null = null;
  #isBroken = false;

  /**
   * Restores what the folder holds into a simulator that is empty, and keeps it there from then on.
   * @param tell hears, once, that nothing can be written any more
   * @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE when the folder cannot be used
   */
  constructor(simulator: Simulator, folder: string, tell: (problem: string) => void) {
    this.#simulator = simulator;
    this.#folder = folder;
    this.#tell = tell;
    this.#segments = new Segments(folder, simulator.options.storedBytesMax);
    try {
      // Its parent must be there: a path mistyped should not become a tree of folders.
      if (!existsSync(folder)) mkdirSync(folder);
      this.#lock();
      this.restored = this.#restore();
    } catch (thrown) {
      if (thrown instanceof ShardstormError) throw thrown;
      throw unusable(folder, describeCause(thrown));
    }
    simulator.journal = this;
    this.#schedule(EVERY_US);
  }

  /** The state that later records build on is written before them. */
  prepare(): void {
    if (this.#isChanged) this.#writeState();
    this.#isCounted = true;
  }

  append(call: PutCall, stream: Stream, body: StoredBody, damaged: Damaged | null): void {
    const { store } = this.#simulator;
    this.#try(() => {
      const parts = this.#writer.encode(call, stream, body, damaged);
      this.#segments.append(parts, store.next, store.oldest);
    });
  }

  changed(): void {
    this.#isChanged = true;
  }

  /** Writes the last state and leaves the folder to others. */
  close(): void {
    this.#timer?.cancel();
    this.#simulator.journal = null;
    this.#writeState();
    this.#segments.close();
    rmSync(join(this.#folder, 'lock'), { force: true });
  }

  #restore(): Restored {
    const { snapshot, problems } = this.#newestState();
    const replay = new Replay(this.#simulator);
    if (snapshot !== null) restoreState(this.#simulator, snapshot.state);
    let areOld = snapshot !== null;
    const becomeNew = () => {
      if (areOld && snapshot !== null) replay.restoreCounts(snapshot.state);
      areOld = false;
    };
    problems.push(
      ...this.#segments.read((entry, place) => {
        if (snapshot === null || !isBefore(place, snapshot.place)) becomeNew();
        replay.entry(entry, !areOld);
        return this.#simulator.store.next;
      }),
    );
    becomeNew();
    const { store, streams } = this.#simulator;
    store.expire(this.#simulator.nowMs());
    this.#segments.removeBefore(store.oldest);
    if (replay.missing > 0) problems.push(`${replay.missing} records are missing`);
    if (replay.dropped > 0) {
      problems.push(
        `${replay.dropped} records are more than the memory for records holds, and were dropped`,
      );
    }
    return { streams: streams.size, records: store.heldRecords, problems };
  }

  /** The newest state that can be read. */
  #newestState(): { snapshot: Snapshot | null; problems: string[] } {
    const problems: string[] = [];
    for (const number of this.#stateNumbers()) {
      this.#stateNumber = Math.max(this.#stateNumber, number);
      const path = this.#statePath(number);
      const snapshot = decodeSnapshot(readFileSync(path));
      if (snapshot !== null) return { snapshot, problems };
      renameSync(path, `${path}.damaged`);
      problems.push(`${path} is damaged and was put aside as ${path}.damaged`);
    }
    if (problems.length > 0) problems.push('no state is left: the simulator begins empty');
    return { snapshot: null, problems };
  }

  /** Newest first. */
  #stateNumbers(): number[] {
    return readdirSync(this.#folder)
      .flatMap((name) => STATE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  #schedule(inUs: number): void {
    const { clock } = this.#simulator;
    this.#timer = clock.setTimer(clock.nowUs() + inUs, () => {
      const startedUs = clock.nowUs();
      if (this.#isChanged || this.#isCounted) this.#writeState();
      const tookUs = clock.nowUs() - startedUs;
      this.#schedule(Math.max(EVERY_US, tookUs / WRITE_SHARE));
    });
  }

  #writeState(): void {
    this.#isChanged = false;
    this.#isCounted = false;
    this.#try(() => {
      const path = this.#statePath(++this.#stateNumber);
      const file = encodeSnapshot({
        state: stateOf(this.#simulator),
        place: this.#segments.place,
      });
      writeFileSync(`${path}.new`, file);
      renameSync(`${path}.new`, path);
      for (const number of this.#stateNumbers().slice(STATES_KEPT)) rmSync(this.#statePath(number));
    });
  }

  /** A disk that is full must not stop the simulator; it is said once, and nothing is kept from then on. */
  #try(write: () => void): void {
    if (this.#isBroken) return;
    try {
      write();
    } catch (thrown) {
      this.#isBroken = true;
      this.#tell(`nothing is kept in ${this.#folder} any more: ${describeCause(thrown)}`);
    }
  }

  /** One process to a folder; a lock of a process that is gone does not count. */
  #lock(): void {
    const path = join(this.#folder, 'lock');
    const owner = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
    if (owner > 0 && owner !== process.pid && isRunning(owner)) {
      throw unusable(
        this.#folder,
        `process ${owner} uses it (its lock is ${path})`,
        `Stop that process, or name another folder; if it is no simulator, remove ${path}.`,
      );
    }
    writeFileSync(path, `${process.pid}\n`);
  }

  #statePath(number: number): string {
    return join(this.#folder, `state-${String(number).padStart(8, '0')}.bin`);
  }
}

function isBefore(a: SegmentPlace, b: SegmentPlace): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

function unusable(
  folder: string,
  cause: string,
  hint = 'Name a folder that can be written to and that no other simulator uses.',
): ShardstormError {
  return new ShardstormError('SHARDSTORM_SIMULATOR_USAGE', `${folder} cannot be used: ${cause}`, {
    hint,
  });
}
