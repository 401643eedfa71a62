/**
 * Records on disk: files that are only ever appended to, the oldest removed when nothing in it is held any more. An entry
 * is handed to the operating system whole before its call is answered, so the end of the process loses none of them; a
 * loss of power may, because nothing waits for the disk.
 */
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Entry, nextEntryAt, readEntry } from './entry.ts';
import type { SegmentPlace } from './snapshot.ts';

const NAME = /^records-(\d{8})\.log$/;
const SEGMENT_BYTES_MIN = 1024 * 1024;
const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;

interface Segment {
  readonly number: number;
  /** Number of the store's body that comes after its last one. */
  endBody: number;
}

export class Segments {
  readonly #folder: string;
  readonly #bytesMax: number;
  /** Oldest first; the last one is written to. */
  readonly #segments: Segment[] = [];
  #file: number | null = null;
  #bytes = 0;

  /** @param storedBytesMax bytes of records that are held: a segment is a small part of it */
  constructor(folder: string, storedBytesMax: number) {
    this.#folder = folder;
    const part = Math.floor(storedBytesMax / 16);
    this.#bytesMax = Math.min(SEGMENT_BYTES_MAX, Math.max(SEGMENT_BYTES_MIN, part));
  }

  /** Where the next entry goes. */
  get place(): SegmentPlace {
    return { segment: this.#segments.at(-1)?.number ?? 0, offset: this.#bytes };
  }

  /**
   * Reads every entry, oldest first, then begins a segment of its own.
   * @param visit returns the number that the store gives its next body
   * @returns a sentence for each part of a segment that cannot be read and is put aside
   */
  read(visit: (entry: Entry, place: SegmentPlace) => number): string[] {
    const problems: string[] = [];
    const numbers = readdirSync(this.#folder)
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    for (const number of numbers) {
      const file = readFileSync(this.#path(number));
      if (file.length === 0) {
        rmSync(this.#path(number));
        continue;
      }
      const segment: Segment = { number, endBody: 0 };
      this.#segments.push(segment);
      let at = afterZeros(file, 0);
      while (at < file.length) {
        const entry = readEntry(file, at);
        if (entry === null) {
          const end = nextEntryAt(file, at + 1);
          problems.push(this.#putAside(number, file, at, end));
          at = end;
        } else {
          segment.endBody = visit(entry, { segment: number, offset: at });
          at = afterZeros(file, entry.end);
        }
      }
    }
    this.#open((numbers.at(-1) ?? 0) + 1);
    return problems;
  }

  /** @param body number that the store gives the entry's body @param oldest number of the oldest body held */
  append(parts: readonly Uint8Array[], body: number, oldest: number): void {
    if (this.#bytes > this.#bytesMax) {
      this.#close();
      this.#open(this.place.segment + 1);
      this.removeBefore(oldest);
    }
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    const written = writevSync(this.#file ?? -1, parts);
    if (written !== bytes) throw new Error(`only ${written} of ${bytes} bytes could be written`);
    this.#bytes += bytes;
    (this.#segments.at(-1) as Segment).endBody = body + 1;
  }

  close(): void {
    this.#close();
  }

  /** Removes segments whose bodies are all older than that one. */
  removeBefore(oldest: number): void {
    while (this.#segments.length > 1) {
      const { number, endBody } = this.#segments[0] as Segment;
      if (endBody > oldest) return;
      rmSync(this.#path(number), { force: true });
      this.#segments.shift();
    }
  }

  #open(number: number): void {
    this.#file = openSync(this.#path(number), 'wx');
    this.#bytes = 0;
    this.#segments.push({ number, endBody: 0 });
  }

  #close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /**
   * What cannot be read is kept beside, so that the rest is whole next time. In the middle it becomes zeros: a state names
   * places behind it.
   */
  #putAside(number: number, file: Buffer, at: number, end: number): string {
    const path = this.#path(number);
    appendFileSync(`${path}.damaged`, file.subarray(at, end));
    const bytes = end - at;
    const kept = `are left out and kept in ${path}.damaged`;
    if (end === file.length) {
      truncateSync(path, at);
      return `${path} is damaged, or was not written to its end: its last ${bytes} bytes ${kept}`;
    }
    const open = openSync(path, 'r+');
    writeSync(open, Buffer.alloc(bytes), 0, bytes, at);
    closeSync(open);
    return `${path} is damaged: ${bytes} bytes from ${at} on ${kept}`;
  }

  #path(number: number): string {
    return join(this.#folder, `records-${String(number).padStart(8, '0')}.log`);
  }
}

/** Zeros stand where something was put aside before; no entry begins with one. */
function afterZeros(file: Buffer, from: number): number {
  let at = from;
  while (file[at] === 0) at++;
  return at;
}
