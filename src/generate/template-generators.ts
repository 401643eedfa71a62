import { PARTITION_KEY_CHARACTERS_MAX } from '../kinesis/limits.ts';
import type { RecordContext } from './record-context.ts';

/** One `{{…}}` of a template, ready to write. */
export interface TemplateGenerator {
  /** Bytes written at the most. */
  readonly bytesMax: number;
  /** Random draws of 32 bits that one record takes. */
  readonly draws: number;
  /** Whether the text is a JSON number or boolean and needs no quotes where it stands alone. */
  readonly isBare: boolean;
  /**
   * Writes the text for the context's record to `target[at …]`.
   * @param slot the first of the generator's draws
   * @returns the place after the text
   */
  write(target: Uint8Array, at: number, context: RecordContext, slot: number): number;
}

interface GeneratorType {
  /** As a user writes it. */
  readonly usage: string;
  /**
   * The generator for its arguments; null if they are wrong.
   * @param encode literal text in the template's own encoding (JSON strings escape)
   */
  make(args: readonly string[], encode: (text: string) => Uint8Array): TemplateGenerator | null;
}

const HEX_DIGITS_MAX = 1024;
const PICK_MAX = 10_000;
const DECIMALS_MAX = 9;
const DECIMALS_DEFAULT = 3;
/** Digits and sign of an integer below 2^53. */
const INTEGER_BYTES = 17;
const WORDS =
  'alpha amber aspen birch blue brook cedar cloud coral crane delta ember field flint frost gold grove harbor hazel ' +
  'heron iris island ivory jade lake larch linen lunar maple marsh meadow mint moss north oak ocean olive onyx opal ' +
  'orchid pearl pine plum quartz rain raven reed ridge river rose sable sage shore silver slate spruce stone summit ' +
  'sunset thistle tide topaz umber vale violet willow winter';

/** Every generator a template can name. */
export const TEMPLATE_GENERATORS: Readonly<Record<string, GeneratorType>> = {
  key: {
    usage: '{{key}}: the partition key',
    make: (args) =>
      args.length > 0
        ? null
        : {
            // A control character is written as six bytes.
            bytesMax: PARTITION_KEY_CHARACTERS_MAX * 6,
            draws: 0,
            isBare: false,
            write: (target, at, context) => context.writeKey(target, at),
          },
  },
  now: {
    usage: '{{now}}: the intended time, ISO 8601',
    make: (args) =>
      args.length > 0
        ? null
        : {
            bytesMax: 24,
            draws: 0,
            isBare: false,
            write: (target, at, context) => context.writeIsoTime(target, at),
          },
  },
  nowMs: {
    usage: '{{nowMs}}: the intended time, Unix milliseconds',
    make: (args) => counter(args, (context) => Math.floor(context.epochUs / 1000)),
  },
  nowUs: {
    usage: '{{nowUs}}: the intended time, Unix microseconds',
    make: (args) => counter(args, (context) => context.epochUs),
  },
  index: {
    usage: '{{index}}: the number of the record in the run',
    make: (args) => counter(args, (context) => context.index),
  },
  sequence: {
    usage: '{{sequence}}: the number of the record in its producer',
    make: (args) => counter(args, (context) => context.sequence),
  },
  producer: {
    usage: '{{producer}}: the number of the producer',
    make: (args) => counter(args, (context) => context.producer),
  },
  int: { usage: '{{int from to}}: an integer, both ends included', make: makeInt },
  float: { usage: '{{float from to [decimals]}}: a number', make: makeFloat },
  bool: {
    usage: '{{bool}}: true or false',
    make: (args) =>
      args.length > 0 ? null : { ...pick(['true', 'false'].map(latin1)), isBare: true },
  },
  pick: {
    usage: '{{pick a b "c d"}}: one of the words',
    make: (args, encode) =>
      args.length === 0 || args.length > PICK_MAX ? null : pick(args.map(encode)),
  },
  word: {
    usage: '{{word}}: an English word',
    make: (args) => (args.length > 0 ? null : pick(WORDS.split(' ').map(latin1))),
  },
  uuid: {
    usage: '{{uuid}}: a random UUID',
    make: (args) =>
      args.length > 0 ? null : { bytesMax: 36, draws: 4, isBare: false, write: writeUuid },
  },
  hex: {
    usage: `{{hex digits}}: random hexadecimal digits, 1 to ${HEX_DIGITS_MAX}`,
    make: makeHex,
  },
};

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function counter(
  args: readonly string[],
  value: (context: RecordContext) => number,
): TemplateGenerator | null {
  if (args.length > 0) return null;
  return {
    bytesMax: INTEGER_BYTES,
    draws: 0,
    isBare: true,
    write: (target, at, context) => writeInteger(target, at, value(context)),
  };
}

function pick(words: readonly Uint8Array[]): TemplateGenerator {
  return {
    bytesMax: Math.max(...words.map((word) => word.length)),
    draws: 1,
    isBare: false,
    write: (target, at, context, slot) => {
      const word = words[Math.floor(context.unit(slot) * words.length)] as Uint8Array;
      for (let i = 0; i < word.length; i++) target[at + i] = word[i] as number;
      return at + word.length;
    },
  };
}

function makeInt(args: readonly string[]): TemplateGenerator | null {
  const [from, to] = args.map(Number);
  if (args.length !== 2 || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return null;
  const low = from as number;
  const span = (to as number) - low + 1;
  if (span < 1 || !Number.isSafeInteger(span)) return null;
  return {
    bytesMax: INTEGER_BYTES,
    draws: 2,
    isBare: true,
    write: (target, at, context, slot) =>
      writeInteger(target, at, low + Math.floor(context.unit53(slot) * span)),
  };
}

function makeFloat(args: readonly string[]): TemplateGenerator | null {
  const [from, to, decimals = DECIMALS_DEFAULT] = args.map(Number);
  const low = Number(from);
  const span = Number(to) - low;
  const scale = 10 ** decimals;
  const isWhole = Number.isInteger(decimals) && decimals >= 0 && decimals <= DECIMALS_MAX;
  const largest = Math.max(Math.abs(low), Math.abs(low + span)) * scale;
  if (args.length < 2 || args.length > 3 || !isWhole || !(span >= 0)) return null;
  if (!(largest <= Number.MAX_SAFE_INTEGER)) return null;
  return {
    bytesMax: INTEGER_BYTES + 2 + DECIMALS_MAX,
    draws: 2,
    isBare: true,
    write: (target, at, context, slot) => {
      const value = Math.round((low + context.unit53(slot) * span) * scale);
      return writeDecimal(target, at, value, decimals, scale);
    },
  };
}

function makeHex(args: readonly string[]): TemplateGenerator | null {
  const digits = Number(args[0]);
  if (args.length !== 1 || !Number.isInteger(digits)) return null;
  if (digits < 1 || digits > HEX_DIGITS_MAX) return null;
  return {
    bytesMax: digits,
    draws: Math.ceil(digits / 8),
    isBare: false,
    write: (target, at, context, slot) => {
      for (let done = 0; done < digits; done += 8) {
        const count = Math.min(8, digits - done);
        writeHex(target, at + done, context.u32(slot + (done >> 3)), count);
      }
      return at + digits;
    },
  };
}

/** RFC 9562, version 4. */
function writeUuid(target: Uint8Array, at: number, context: RecordContext, slot: number): number {
  const second = (context.u32(slot + 1) & 0xffff_0fff) | 0x4000;
  const third = (context.u32(slot + 2) & 0x3fff_ffff) | 0x8000_0000;
  writeHex(target, at, context.u32(slot), 8);
  target[at + 8] = DASH;
  writeHex(target, at + 9, second, 4);
  target[at + 13] = DASH;
  writeHex(target, at + 14, second << 16, 4);
  target[at + 18] = DASH;
  writeHex(target, at + 19, third, 4);
  target[at + 23] = DASH;
  writeHex(target, at + 24, third << 16, 4);
  writeHex(target, at + 28, context.u32(slot + 3), 8);
  return at + 36;
}

const DASH = 45;

/** The `digits` upper hexadecimal digits of 32 bits. */
function writeHex(target: Uint8Array, at: number, bits: number, digits: number): void {
  for (let i = 0; i < digits; i++) {
    const nibble = (bits >>> (28 - 4 * i)) & 15;
    target[at + i] = nibble < 10 ? 48 + nibble : 87 + nibble;
  }
}

function writeInteger(target: Uint8Array, at: number, value: number): number {
  let place = at;
  if (value < 0) target[place++] = DASH;
  let rest = Math.abs(value);
  let digits = 1;
  for (let power = 10; power <= rest; power *= 10) digits++;
  for (let i = place + digits - 1; i >= place; i--) {
    const quotient = Math.floor(rest / 10);
    target[i] = 48 + (rest - quotient * 10);
    rest = quotient;
  }
  return place + digits;
}

/** `scaled / scale` with a fixed number of decimals. */
function writeDecimal(
  target: Uint8Array,
  at: number,
  scaled: number,
  decimals: number,
  scale: number,
): number {
  let place = at;
  if (scaled < 0) target[place++] = DASH;
  const size = Math.abs(scaled);
  const whole = Math.floor(size / scale);
  place = writeInteger(target, place, whole);
  if (decimals === 0) return place;
  target[place] = 46;
  let rest = size - whole * scale;
  for (let i = place + decimals; i > place; i--) {
    const quotient = Math.floor(rest / 10);
    target[i] = 48 + (rest - quotient * 10);
    rest = quotient;
  }
  return place + 1 + decimals;
}
