import type { PutRecordsAnswer } from '../kinesis/put-records.ts';
import {
  type AnswerReader,
  EntryResult,
  isText,
  NAME,
  shardNumberAt,
  textOf,
} from './answer-reader.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/**
 * Walks a JSON answer byte by byte: members in any order, white space anywhere, unknown members
 * skipped. Text is made only of what a refused entry says, and of sequence numbers where they are
 * wanted.
 */
export class JsonAnswerReader implements AnswerReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** The last string read, without its quotes: `bytes[textStart, textEnd)`. */
  #textStart = 0;
  #textEnd = 0;
  #hasEscape = false;
  readonly #result = new EntryResult();

  read(bytes: Uint8Array, length: number, answer: PutRecordsAnswer, entryCount: number): boolean {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = length;
    if (!this.#take(BRACE_OPEN)) return false;
    let hasRecords = false;
    let isFirst = true;
    while (!this.#take(BRACE_CLOSE)) {
      if (!isFirst && !this.#take(COMMA)) return false;
      isFirst = false;
      if (!this.#name()) return false;
      if (isText(bytes, this.#textStart, this.#textEnd, NAME.records)) {
        hasRecords = true;
        if (!this.#records(answer, entryCount)) return false;
      } else if (!this.#skipValue()) {
        return false;
      }
    }
    this.#skipSpace();
    return hasRecords && this.#at === this.#end;
  }

  #records(answer: PutRecordsAnswer, entryCount: number): boolean {
    if (!this.#take(BRACKET_OPEN)) return false;
    let count = 0;
    while (!this.#take(BRACKET_CLOSE)) {
      if (count > 0 && !this.#take(COMMA)) return false;
      if (!this.#entry(answer.wantsSequenceNumbers)) return false;
      if (count < entryCount && !this.#result.storeTo(answer, count)) return false;
      count++;
    }
    answer.resultCount = count;
    return true;
  }

  #entry(wantsSequenceNumber: boolean): boolean {
    this.#result.clear();
    if (!this.#take(BRACE_OPEN)) return false;
    let isFirst = true;
    while (!this.#take(BRACE_CLOSE)) {
      if (!isFirst && !this.#take(COMMA)) return false;
      isFirst = false;
      if (!this.#name() || !this.#member(wantsSequenceNumber)) return false;
    }
    return true;
  }

  /**
   * One member of an entry; its name is the last string read. A null says no more than a missing
   * member.
   */
  #member(wantsSequenceNumber: boolean): boolean {
    const bytes = this.#bytes;
    const from = this.#textStart;
    const to = this.#textEnd;
    this.#skipSpace();
    if (bytes[this.#at] !== QUOTE) return this.#skipValue();
    if (!this.#string()) return false;
    const result = this.#result;
    if (isText(bytes, from, to, NAME.shardId)) {
      result.shardNumber = shardNumberAt(bytes, this.#textStart, this.#textEnd);
    } else if (isText(bytes, from, to, NAME.sequenceNumber)) {
      result.hasSequenceNumber = true;
      if (wantsSequenceNumber) result.sequenceNumber = this.#text();
    } else if (isText(bytes, from, to, NAME.errorCode)) {
      result.errorCode = this.#text();
    } else if (isText(bytes, from, to, NAME.errorMessage)) {
      result.errorMessage = this.#text();
    }
    return true;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < this.#end) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    this.#at = at;
  }

  /** Steps over `byte` if it is what comes next. */
  #take(byte: number): boolean {
    this.#skipSpace();
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** A string and the colon behind it. */
  #name(): boolean {
    return this.#string() && this.#take(COLON);
  }

  #string(): boolean {
    if (!this.#take(QUOTE)) return false;
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    this.#textStart = at;
    this.#hasEscape = false;
    while (at < end) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.#textEnd = at;
        this.#at = at + 1;
        return true;
      }
      if (byte === BACKSLASH) {
        this.#hasEscape = true;
        at++;
      }
      at++;
    }
    return false;
  }

  #text(): string {
    const raw = textOf(this.#bytes, this.#textStart, this.#textEnd);
    if (!this.#hasEscape) return raw;
    try {
      return String(JSON.parse(`"${raw}"`));
    } catch {
      return raw;
    }
  }

  /** Steps over any value. Brackets are counted, not matched: what is skipped is not judged. */
  #skipValue(): boolean {
    let depth = 0;
    do {
      this.#skipSpace();
      if (this.#at >= this.#end) return false;
      const byte = this.#bytes[this.#at] as number;
      if (byte === QUOTE) {
        if (!this.#string()) return false;
      } else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
        depth++;
        this.#at++;
      } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
        depth--;
        this.#at++;
      } else if (depth > 0 && (byte === COMMA || byte === COLON)) {
        this.#at++;
      } else if (!this.#skipScalar()) {
        return false;
      }
    } while (depth > 0);
    return depth === 0;
  }

  /** A number, true, false or null. */
  #skipScalar(): boolean {
    const start = this.#at;
    while (this.#at < this.#end && isScalarByte(this.#bytes[this.#at] as number)) this.#at++;
    return this.#at > start;
  }
}

/** Letters, digits, `+`, `-` and `.`. */
function isScalarByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x45
  );
}
