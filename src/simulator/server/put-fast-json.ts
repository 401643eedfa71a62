/**
 * PutRecords in JSON, scanned without JSON.parse: keys are copied and data is decoded from base64 into one buffer, which
 * is what is stored. Anything out of the ordinary (an escape in a string, an unknown member, a wrong type) returns
 * false: the general path then takes the body and finds the error, if there is one.
 */
import { PUT_RECORDS_COUNT_MAX } from '../../kinesis/limits.ts';
import type { PutCall } from '../core/put-call.ts';
import { isStreamName } from '../operations/member.ts';
import { EntryPlaces } from './entry-places.ts';

const DATA = Buffer.from('Data');
const PARTITION_KEY = Buffer.from('PartitionKey');
const EXPLICIT_HASH_KEY = Buffer.from('ExplicitHashKey');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const PAD = 0x3d;
const NOT_BASE64 = 0xff;

const SEXTETS = new Uint8Array(256).fill(NOT_BASE64);
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  SEXTETS[character.charCodeAt(0)] = value;
}

/** From this many characters on, the runtime's decoder is faster than the loop, whose call costs less. */
const NATIVE_CHARACTERS_MIN = 512;
const NO_BYTES = Buffer.alloc(0);

/** A position in a JSON text, and the buffer that decoded bytes go to; reused for each body. */
class Scanner {
  bytes: Buffer = NO_BYTES;
  /** Never shorter than the text, which is longer than what comes of it. */
  out: Buffer = NO_BYTES;
  at = 0;
  outAt = 0;

  over(bytes: Buffer): void {
    this.bytes = bytes;
    if (this.out.length < bytes.length) this.out = Buffer.allocUnsafeSlow(bytes.length * 2);
    this.at = 0;
    this.outAt = 0;
  }

  /** Passes over white space and then one `byte`; false when something else stands there. */
  take(byte: number): boolean {
    this.space();
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  space(): void {
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.at++;
    }
  }

  /** Passes over a string without escapes and its closing quote; -1 when it is not one. Returns its first place. */
  string(): number {
    if (!this.take(QUOTE)) return -1;
    const start = this.at;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === QUOTE) return start;
      if (byte === undefined || byte === BACKSLASH || byte < 0x20) return -1;
    }
  }

  /** Copies a string without escapes to `out`; false when it is not one. */
  copyString(): boolean {
    const start = this.string();
    if (start < 0) return false;
    const { bytes, out } = this;
    for (let i = start; i < this.at - 1; i++) out[this.outAt++] = bytes[i] as number;
    return true;
  }

  isText(start: number, end: number, wanted: Uint8Array): boolean {
    if (end - start !== wanted.length) return false;
    for (let i = 0; i < wanted.length; i++) if (this.bytes[start + i] !== wanted[i]) return false;
    return true;
  }

  text(start: number): string {
    return Buffer.from(
      this.bytes.buffer,
      this.bytes.byteOffset + start,
      this.at - 1 - start,
    ).toString('utf8');
  }

  /** Decodes a base64 string to `out`; false when it is not one. */
  base64(): boolean {
    if (!this.take(QUOTE)) return false;
    this.#decodeLong();
    const { bytes, out } = this;
    let at = this.at;
    let outAt = this.outAt;
    for (;;) {
      const a = SEXTETS[bytes[at] ?? 0] as number;
      const b = SEXTETS[bytes[at + 1] ?? 0] as number;
      const c = SEXTETS[bytes[at + 2] ?? 0] as number;
      const d = SEXTETS[bytes[at + 3] ?? 0] as number;
      if ((a | b | c | d) > 63) break;
      out[outAt] = (a << 2) | (b >> 4);
      out[outAt + 1] = (b << 4) | (c >> 2);
      out[outAt + 2] = (c << 6) | d;
      at += 4;
      outAt += 3;
    }
    this.at = at;
    this.outAt = outAt;
    return this.#base64End();
  }

  /**
   * Decodes all but the last characters of a long text natively. That decoder passes over what is not base64 and takes
   * the URL alphabet too, so where either was there nothing counts as decoded, and the loop finds it.
   */
  #decodeLong(): void {
    const { bytes, out, at } = this;
    if ((SEXTETS[bytes[at + NATIVE_CHARACTERS_MIN] ?? 0] as number) > 63) return;
    const characters = bytes.indexOf(QUOTE, at) - at;
    if (characters < NATIVE_CHARACTERS_MIN) return;
    const most = (characters - 4) & ~3;
    const text = bytes.toString('latin1', at, at + most);
    if (text.includes('-') || text.includes('_')) return;
    if (out.write(text, this.outAt, 'base64') !== (most / 4) * 3) return;
    this.at += most;
    this.outAt += (most / 4) * 3;
  }

  /** The last, padded group, if there is one, and the closing quote. */
  #base64End(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) {
      const a = SEXTETS[bytes[this.at] ?? 0] as number;
      const b = SEXTETS[bytes[this.at + 1] ?? 0] as number;
      if ((a | b) > 63 || bytes[this.at + 3] !== PAD) return false;
      this.out[this.outAt++] = (a << 2) | (b >> 4);
      if (bytes[this.at + 2] === PAD) {
        if ((b & 15) !== 0) return false;
      } else {
        const c = SEXTETS[bytes[this.at + 2] ?? 0] as number;
        if (c > 63 || (c & 3) !== 0) return false;
        this.out[this.outAt++] = (b << 4) | (c >> 2);
      }
      this.at += 4;
      if (bytes[this.at] !== QUOTE) return false;
    }
    this.at++;
    return true;
  }
}

/** Reads PutRecords bodies in JSON, one at a time. */
export class PutRecordsJsonReader {
  readonly #scanner = new Scanner();

  /**
   * Fills the call from a PutRecords body; false when the general path must read it.
   * @param take gives the buffer, of so many bytes, that keys and data are kept in
   */
  read(body: Buffer, call: PutCall, take: (bytes: number) => Buffer): boolean {
    call.count = 0;
    call.streamName = '';
    call.operation = 'PutRecords';
    const scanner = this.#scanner;
    scanner.over(body);
    const isRead = readRequest(scanner, call);
    scanner.bytes = NO_BYTES;
    if (!isRead) return false;
    const kept = take(scanner.outAt);
    scanner.out.copy(kept, 0, 0, scanner.outAt);
    call.body = kept;
    return true;
  }
}

function readRequest(scanner: Scanner, call: PutCall): boolean {
  if (!scanner.take(BRACE_OPEN)) return false;
  do {
    const start = scanner.string();
    if (start < 0) return false;
    const name = scanner.text(start);
    if (!scanner.take(COLON)) return false;
    if (name === 'Records') {
      // A second one takes the place of the first: rare enough for the general path.
      if (call.count > 0 || !readRecords(scanner, call)) return false;
    } else if (name === 'StreamName') {
      const at = scanner.string();
      if (at < 0) return false;
      call.streamName = scanner.text(at);
    } else return false;
  } while (scanner.take(COMMA));
  if (!scanner.take(BRACE_CLOSE)) return false;
  scanner.space();
  return scanner.at === scanner.bytes.length && call.count > 0 && isStreamName(call.streamName);
}

function readRecords(scanner: Scanner, call: PutCall): boolean {
  if (!scanner.take(BRACKET_OPEN)) return false;
  const places = new EntryPlaces();
  do {
    if (call.count === PUT_RECORDS_COUNT_MAX || !readRecord(scanner, call, places)) return false;
  } while (scanner.take(COMMA));
  return scanner.take(BRACKET_CLOSE);
}

function readRecord(scanner: Scanner, call: PutCall, places: EntryPlaces): boolean {
  if (!scanner.take(BRACE_OPEN)) return false;
  places.clear();
  do {
    if (!readMember(scanner, places)) return false;
  } while (scanner.take(COMMA));
  return scanner.take(BRACE_CLOSE) && places.addTo(call);
}

function readMember(scanner: Scanner, places: EntryPlaces): boolean {
  const start = scanner.string();
  const end = scanner.at - 1;
  if (start < 0 || !scanner.take(COLON)) return false;
  if (scanner.isText(start, end, DATA)) {
    places.dataStart = scanner.outAt;
    if (!scanner.base64()) return false;
    places.dataEnd = scanner.outAt;
  } else if (scanner.isText(start, end, PARTITION_KEY)) {
    places.keyStart = scanner.outAt;
    if (!scanner.copyString()) return false;
    places.keyEnd = scanner.outAt;
  } else if (scanner.isText(start, end, EXPLICIT_HASH_KEY)) {
    const at = scanner.string();
    if (at < 0) return false;
    places.hashKey = scanner.text(at);
    return places.hashKey !== '';
  } else return false;
  return true;
}
