import type { PutRecordsAnswer } from '../kinesis/put-records.ts';
import {
  type AnswerReader,
  EntryResult,
  isText,
  NAME,
  shardNumberAt,
  textOf,
} from './answer-reader.ts';
import { EntryTemplate } from './entry-template.ts';

const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;
const MAJOR_SIMPLE = 7;
/** Length of an item whose end is marked by a break. */
const INDEFINITE = -1;
const BREAK = 0xff;
/** Deepest nesting that is skipped; an answer of the service has three levels. */
const DEPTH_MAX = 16;

/**
 * Walks a CBOR answer: definite and indefinite lengths, tags, members in any order, unknown members
 * skipped. Text is made only of what a refused entry says, and of sequence numbers where they are
 * wanted. An entry that is like the last accepted one but for its sequence number and shard, as they
 * nearly all are, is not walked through.
 */
export class CborAnswerReader implements AnswerReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** Head of the last item: its major type and its length, count or value. */
  #major = 0;
  #length = 0;
  /** The last text read: `bytes[textStart, textEnd)`. */
  #textStart = 0;
  #textEnd = 0;
  /** Whether a text of the entry came in chunks: its bytes are no more what they were. */
  #hasMoved = false;
  /** Where the entry's values are; -1 while it has none. */
  #sequenceStart = -1;
  #sequenceEnd = -1;
  #shardStart = -1;
  #shardEnd = -1;
  readonly #result = new EntryResult();
  readonly #template: EntryTemplate | null;

  /** @param usesTemplate false walks through every entry */
  constructor(usesTemplate = true) {
    this.#template = usesTemplate ? new EntryTemplate() : null;
  }

  read(bytes: Uint8Array, length: number, answer: PutRecordsAnswer, entryCount: number): boolean {
    this.#start(bytes, length);
    if (!this.#head() || this.#major !== MAJOR_MAP) return false;
    const members = this.#length;
    let hasRecords = false;
    for (let i = 0; this.#hasMore(members, i); i++) {
      if (!this.#text()) return false;
      if (isText(bytes, this.#textStart, this.#textEnd, NAME.records)) {
        hasRecords = true;
        if (!this.#records(answer, entryCount)) return false;
      } else if (!this.#skip(0)) {
        return false;
      }
    }
    return hasRecords && this.#at === this.#end;
  }

  /**
   * The texts among the members of a map, as of an error; null when the body is not a whole map.
   */
  readTexts(bytes: Uint8Array, length: number): Map<string, string> | null {
    this.#start(bytes, length);
    if (!this.#head() || this.#major !== MAJOR_MAP) return null;
    const members = this.#length;
    const texts = new Map<string, string>();
    for (let i = 0; this.#hasMore(members, i); i++) {
      if (!this.#text()) return null;
      const name = this.#lastText();
      if (this.#isTextNext()) {
        if (!this.#text()) return null;
        texts.set(name, this.#lastText());
      } else if (!this.#skip(0)) {
        return null;
      }
    }
    return this.#at === this.#end ? texts : null;
  }

  #start(bytes: Uint8Array, length: number): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = length;
  }

  #records(answer: PutRecordsAnswer, entryCount: number): boolean {
    if (!this.#head() || this.#major !== MAJOR_ARRAY) return false;
    const length = this.#length;
    const template = this.#template;
    template?.look(this.#bytes);
    let count = 0;
    for (; this.#hasMore(length, count); count++) {
      if (template?.matches(this.#at, this.#end) === true) {
        if (count < entryCount) this.#storeLike(template, answer, count);
        this.#at += template.length;
        continue;
      }
      const start = this.#at;
      if (!this.#entry(answer.wantsSequenceNumbers)) return false;
      if (count < entryCount && !this.#result.storeTo(answer, count)) return false;
      this.#learn(start);
    }
    answer.resultCount = count;
    return true;
  }

  /** Entry `i` is at the next place, as the template has it. */
  #storeLike(template: EntryTemplate, answer: PutRecordsAnswer, i: number): void {
    const at = this.#at;
    const bytes = this.#bytes;
    answer.acceptEntry(i, shardNumberAt(bytes, at + template.shardAt, at + template.shardEnd));
    if (!answer.wantsSequenceNumbers) return;
    const { sequenceAt, sequenceEnd } = template;
    answer.sequenceNumbers[i] = textOf(bytes, at + sequenceAt, at + sequenceEnd);
  }

  /** The entry that begins at `start` was read: the next ones are held against it, if it was accepted. */
  #learn(start: number): void {
    const isAccepted = this.#result.errorCode === '' && this.#sequenceStart >= 0;
    if (!isAccepted || this.#shardStart < 0 || this.#hasMoved) return;
    this.#template?.learn(
      start,
      this.#at,
      this.#sequenceStart,
      this.#sequenceEnd,
      this.#shardStart,
      this.#shardEnd,
    );
  }

  #entry(wantsSequenceNumber: boolean): boolean {
    this.#result.clear();
    this.#hasMoved = false;
    this.#sequenceStart = -1;
    this.#shardStart = -1;
    if (!this.#head() || this.#major !== MAJOR_MAP) return false;
    const members = this.#length;
    for (let i = 0; this.#hasMore(members, i); i++) {
      if (!this.#text() || !this.#member(wantsSequenceNumber)) return false;
    }
    return true;
  }

  /**
   * One member of an entry; its name is the last text read. A null says no more than a missing
   * member.
   */
  #member(wantsSequenceNumber: boolean): boolean {
    const bytes = this.#bytes;
    const from = this.#textStart;
    const to = this.#textEnd;
    if (!this.#isTextNext()) return this.#skip(0);
    if (!this.#text()) return false;
    const result = this.#result;
    if (isText(bytes, from, to, NAME.shardId)) {
      result.shardNumber = shardNumberAt(bytes, this.#textStart, this.#textEnd);
      this.#shardStart = this.#textStart;
      this.#shardEnd = this.#textEnd;
    } else if (isText(bytes, from, to, NAME.sequenceNumber)) {
      result.hasSequenceNumber = true;
      if (wantsSequenceNumber) result.sequenceNumber = this.#lastText();
      this.#sequenceStart = this.#textStart;
      this.#sequenceEnd = this.#textEnd;
    } else if (isText(bytes, from, to, NAME.errorCode)) {
      result.errorCode = this.#lastText();
    } else if (isText(bytes, from, to, NAME.errorMessage)) {
      result.errorMessage = this.#lastText();
    }
    return true;
  }

  /**
   * Whether an item of `length` members has another after `done`; steps over the break that ends
   * it.
   */
  #hasMore(length: number, done: number): boolean {
    if (length !== INDEFINITE) return done < length;
    if (this.#at >= this.#end) return true; // No break: the next read fails.
    if (this.#bytes[this.#at] !== BREAK) return true;
    this.#at++;
    return false;
  }

  /** Reads an item's head past any tags; false at the end of the body or when it is malformed. */
  #head(): boolean {
    do {
      if (this.#at >= this.#end) return false;
      const initial = this.#bytes[this.#at++] as number;
      this.#major = initial >>> 5;
      if (!this.#count(initial & 0x1f)) return false;
    } while (this.#major === MAJOR_TAG);
    return true;
  }

  #count(info: number): boolean {
    if (info < 24) {
      this.#length = info;
      return true;
    }
    if (info === 31) {
      this.#length = INDEFINITE;
      return this.#major >= 2 && this.#major <= MAJOR_MAP;
    }
    if (info > 27) return false;
    const size = 1 << (info - 24);
    if (this.#at + size > this.#end) return false;
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.#bytes[this.#at++] as number);
    this.#length = value;
    return true;
  }

  #isTextNext(): boolean {
    return this.#at < this.#end && (this.#bytes[this.#at] as number) >>> 5 === MAJOR_TEXT;
  }

  #text(): boolean {
    if (!this.#head() || this.#major !== MAJOR_TEXT) return false;
    if (this.#length === INDEFINITE) return this.#joinChunks();
    this.#textStart = this.#at;
    this.#at += this.#length;
    this.#textEnd = this.#at;
    return this.#at <= this.#end;
  }

  /** Text in chunks is moved together in place, over the chunks' heads. */
  #joinChunks(): boolean {
    this.#hasMoved = true;
    const start = this.#at;
    let textEnd = start;
    for (let i = 0; this.#hasMore(INDEFINITE, i); i++) {
      if (!this.#head() || this.#major !== MAJOR_TEXT || this.#length === INDEFINITE) return false;
      const from = this.#at;
      this.#at += this.#length;
      if (this.#at > this.#end) return false;
      this.#bytes.copyWithin(textEnd, from, this.#at);
      textEnd += this.#at - from;
    }
    this.#textStart = start;
    this.#textEnd = textEnd;
    return true;
  }

  #lastText(): string {
    return textOf(this.#bytes, this.#textStart, this.#textEnd);
  }

  /** Steps over any item. */
  #skip(depth: number): boolean {
    if (depth > DEPTH_MAX || !this.#head()) return false;
    const major = this.#major;
    const length = this.#length;
    if (major < 2 || major === MAJOR_SIMPLE) return true;
    if (length !== INDEFINITE && major <= MAJOR_TEXT) {
      this.#at += length;
      return this.#at <= this.#end;
    }
    const items = major === MAJOR_MAP && length !== INDEFINITE ? length * 2 : length;
    for (let i = 0; this.#hasMore(items, i); i++) if (!this.#skip(depth + 1)) return false;
    return true;
  }
}
