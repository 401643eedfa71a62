/**
 * A CBOR reader (RFC 8949) for tests, written apart from the program's own, and a writer that can
 * use every form the format has for the same value.
 */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | CborValue[]
  | { [name: string]: CborValue };

const BREAK = Symbol('break');

export function decodeCbor(bytes: Uint8Array): CborValue {
  const view = Buffer.from(bytes);
  let at = 0;
  const count = (info: number): number => {
    if (info < 24) return info;
    const size = { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
    if (size === undefined) throw new Error(`bad length ${info}`);
    let value = 0n;
    for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(view.readUInt8(at++));
    return Number(value);
  };
  const take = (length: number): Buffer => {
    if (at + length > view.length) throw new Error('past the end');
    at += length;
    return view.subarray(at - length, at);
  };
  const item = (): CborValue => {
    const value = next();
    if (value === BREAK) throw new Error('unexpected break');
    return value as CborValue;
  };
  const untilBreak = (): CborValue[] => {
    const items: CborValue[] = [];
    for (let value = next(); value !== BREAK; value = next()) items.push(value as CborValue);
    return items;
  };
  const next = (): CborValue | typeof BREAK => {
    const initial = view.readUInt8(at++);
    const major = initial >> 5;
    const info = initial & 31;
    if (initial === 0xff) return BREAK;
    if (info === 31) {
      const items = untilBreak();
      if (major === 2) return Buffer.concat(items as Buffer[]);
      if (major === 3) return (items as string[]).join('');
      return major === 4 ? items : toObject(items);
    }
    const n = count(info);
    switch (major) {
      case 0:
        return n;
      case 1:
        return -1 - n;
      case 2:
        return take(n);
      case 3:
        return take(n).toString('utf8');
      case 4:
        return Array.from({ length: n }, item);
      case 5:
        return toObject(Array.from({ length: n * 2 }, item));
      case 6:
        return item();
      default:
        return { 20: false, 21: true, 22: null }[info] ?? null;
    }
  };
  const value = item();
  if (at !== view.length) throw new Error('bytes after the value');
  return value;
}

function toObject(items: CborValue[]): { [name: string]: CborValue } {
  const pairs = [];
  for (let i = 0; i < items.length; i += 2) pairs.push([items[i], items[i + 1]]);
  return Object.fromEntries(pairs);
}

/**
 * @param pick a number in [0, n): chooses among forms, so that a property test walks through them
 */
export function encodeCbor(value: CborValue, pick: (n: number) => number): Buffer {
  const body = encodeUntagged(value, pick);
  return pick(8) === 0 && typeof value !== 'string'
    ? Buffer.concat([head(6, 1, pick), body])
    : body;
}

function encodeUntagged(value: CborValue, pick: (n: number) => number): Buffer {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return head(0, value, pick);
    const float = Buffer.alloc(9, 0xfb);
    float.writeDoubleBE(value, 1);
    return float;
  }
  if (typeof value === 'string') return encodeText(Buffer.from(value), pick);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length, pick), value]);
  const isArray = Array.isArray(value);
  const items = isArray ? value : Object.entries(value).flat();
  const parts = items.map((item) => encodeCbor(item, pick));
  if (pick(2) === 0) {
    return Buffer.concat([Buffer.from([isArray ? 0x9f : 0xbf]), ...parts, Buffer.from([0xff])]);
  }
  return Buffer.concat([
    head(isArray ? 4 : 5, isArray ? items.length : items.length / 2, pick),
    ...parts,
  ]);
}

function encodeText(text: Buffer, pick: (n: number) => number): Buffer {
  if (pick(4) > 0) return Buffer.concat([head(3, text.length, pick), text]);
  const cut = pick(text.length + 1);
  const chunks = [text.subarray(0, cut), text.subarray(cut)].map((chunk) =>
    Buffer.concat([head(3, chunk.length, pick), chunk]),
  );
  return Buffer.concat([Buffer.from([0x7f]), ...chunks, Buffer.from([0xff])]);
}

/** The head of an item, in the shortest or any longer form. */
function head(major: number, count: number, pick: (n: number) => number): Buffer {
  const forms = [
    [24, 1, 0xff],
    [25, 2, 0xffff],
    [26, 4, 0xffff_ffff],
    [27, 8, Number.MAX_SAFE_INTEGER],
  ].filter(([, , max]) => count <= (max as number));
  const isDirect = count < 24 && pick(2) === 0;
  if (isDirect) return Buffer.from([(major << 5) | count]);
  const [info = 27, size = 8] = forms[pick(forms.length)] ?? [];
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(count));
  return Buffer.concat([Buffer.from([(major << 5) | info]), bytes.subarray(8 - size)]);
}
