/**
 * The WebAssembly text of MD5 over eight messages at once (RFC 1321). Out: a module of two functions and one memory;
 * src/kinesis/md5.ts is its only user. `npm run make-md5` assembles it into src/kinesis/md5-module.ts.
 *
 * One message lives in one 32-bit lane of a vector, so a vector operation does one step of four messages; two such groups
 * are interleaved, because a step waits for the one before it and one group alone would leave the processor idle.
 *
 * ```
 * memory   0      state: words A, B, C, D of messages 0-3, then of 4-7; one word of a message every 4 bytes
 *          128    the 64 constants, each four times, for vectors
 *          1152   the words of the block in work, transposed: sixteen vectors a group, each twice in a row
 *          2304   the messages' blocks: the caller's to place (`input` is the first free byte)
 * lanes(p0 … p7, blocks)     the same number of blocks of each message, from the addresses given
 * single(p, blocks, lane)    blocks of one message, whose lane is lane · 4 in group 0, 64 + … in group 1
 * ```
 */

/** First byte of memory that the module does not use itself. */
export const INPUT_START = 2304;
/** Pages of 64 KiB. */
export const MEMORY_PAGES = 3;

const CONSTANTS_START = 128;
const WORDS_START = 1152;
/** The sixteen words of a block, for four messages. */
const WORDS_BYTES = 256;
const HALF_BYTES = WORDS_BYTES / 2;
const BLOCK_BYTES = 64;
const GROUP_BYTES = 64;
const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/** floor(2^32 · |sin(i + 1)|), i = 0 … 63. */
const CONSTANTS = Array.from({ length: 64 }, (_, i) =>
  Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))),
);

/** Which word of the block a step adds. */
function wordOf(step: number): number {
  const i = step % 16;
  return [i, (5 * i + 1) % 16, (3 * i + 5) % 16, (7 * i) % 16][step >> 4] as number;
}

/**
 * What a step adds. The last function is c ^ (b | ~d), and there is no "or not" in vectors: since ~x = -1 - x, the step
 * subtracts c ^ (d & ~b) and its constant is smaller by one.
 */
const constantOf = (step: number) => ((CONSTANTS[step] as number) - (step >= 48 ? 1 : 0)) >>> 0;

interface Machine {
  readonly type: 'v128' | 'i32';
  add(a: string, b: string): string;
  sub(a: string, b: string): string;
  and(a: string, b: string): string;
  andNot(a: string, b: string): string;
  or(a: string, b: string): string;
  xor(a: string, b: string): string;
  /** Bits of `a` where the mask is 1, of `b` elsewhere. */
  select(mask: string, a: string, b: string): string;
  rotate(value: string, bits: number): string;
}

const VECTOR: Machine = {
  type: 'v128',
  add: (a, b) => `(i32x4.add ${a} ${b})`,
  sub: (a, b) => `(i32x4.sub ${a} ${b})`,
  and: (a, b) => `(v128.and ${a} ${b})`,
  andNot: (a, b) => `(v128.andnot ${a} ${b})`,
  or: (a, b) => `(v128.or ${a} ${b})`,
  xor: (a, b) => `(v128.xor ${a} ${b})`,
  select: (mask, a, b) => `(v128.bitselect ${a} ${b} ${mask})`,
  rotate(value, bits) {
    const left = `(i32x4.shl ${value} (i32.const ${bits}))`;
    return this.or(left, `(i32x4.shr_u ${value} (i32.const ${32 - bits}))`);
  },
};

const SCALAR: Machine = {
  type: 'i32',
  add: (a, b) => `(i32.add ${a} ${b})`,
  sub: (a, b) => `(i32.sub ${a} ${b})`,
  and: (a, b) => `(i32.and ${a} ${b})`,
  andNot: (a, b) => `(i32.and ${a} (i32.xor ${b} (i32.const -1)))`,
  or: (a, b) => `(i32.or ${a} ${b})`,
  xor: (a, b) => `(i32.xor ${a} ${b})`,
  select: (mask, a, b) => `(i32.xor ${b} (i32.and ${mask} (i32.xor ${a} ${b})))`,
  rotate: (value, bits) => `(i32.rotl ${value} (i32.const ${bits}))`,
};

const wordAt = (group: number, word: number) => WORDS_START + group * 2 * WORDS_BYTES + word * 16;
const get = (name: string) => `(local.get $${name})`;
const set = (name: string, value: string) => `(local.set $${name} ${value})`;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** One step of one group: a = b + rotate(a + f(b, c, d) + word + constant). */
function step(m: Machine, index: number, group: string, addend: string): string[] {
  // The four words move one place at each step; the names move instead of the values.
  const name = (word: number) => `${'abcd'[(word + 64 - index) % 4]}${group}`;
  const [a, b, c, d] = [get(name(0)), get(name(1)), get(name(2)), get(name(3))];
  const round = index >> 4;
  const sum = m.add(a, addend);
  const mixed = [
    () => m.add(sum, m.select(b, c, d)),
    () => m.add(sum, m.select(d, b, c)),
    () => m.add(sum, m.xor(m.xor(b, c), d)),
    () => m.sub(sum, m.xor(c, m.andNot(d, b))),
  ][round] as () => string;
  const bits = (SHIFTS[round] as readonly number[])[index % 4] as number;
  return [set(`t${group}`, mixed()), set(name(0), m.add(b, m.rotate(get(`t${group}`), bits)))];
}

/** Words 4·part … 4·part+3 of the block of four messages: rows are loaded, columns are stored, each twice. */
function transpose(group: number, part: number): string[] {
  const rows = range(4).map((lane) => {
    const address = get(`p${group * 4 + lane}`);
    return set(`r${lane}`, `(v128.load offset=${part * 16} align=1 ${address})`);
  });
  const shuffle = (lanes: string, x: string, y: string) => `(i8x16.shuffle ${lanes} ${x} ${y})`;
  const bytes = (...words: number[]) =>
    words.flatMap((word) => range(4).map((i) => word * 4 + i)).join(' ');
  const low = bytes(0, 4, 1, 5);
  const high = bytes(2, 6, 3, 7);
  const first = bytes(0, 1, 4, 5);
  const second = bytes(2, 3, 6, 7);
  const store = (i: number, lanes: string, pair: string) => {
    const at = wordAt(group, part * 4 + i);
    const stored = (offset: number) => `(v128.store offset=${offset} (i32.const 0) ${get('t0')})`;
    const column = set('t0', shuffle(lanes, get(`q${pair}0`), get(`q${pair}1`)));
    return [column, stored(at), stored(at + WORDS_BYTES)];
  };
  return [
    ...rows,
    set('ql0', shuffle(low, get('r0'), get('r1'))),
    set('ql1', shuffle(low, get('r2'), get('r3'))),
    set('qh0', shuffle(high, get('r0'), get('r1'))),
    set('qh1', shuffle(high, get('r2'), get('r3'))),
    ...store(0, first, 'l'),
    ...store(1, second, 'l'),
    ...store(2, first, 'h'),
    ...store(3, second, 'h'),
  ];
}

/**
 * One of the four rounds: twice eight steps of both groups. A loop, because a compiler puts what stands straight before it
 * into an order of its own, one group after the other, and nothing overlaps. Eight steps on, every word that a step takes
 * is eight words away, modulo sixteen: that is why the words lie there twice, and words and constants share an offset.
 */
function round(r: number): string {
  const steps = range(8).flatMap((i) => [
    set('k', `(v128.load offset=${CONSTANTS_START + (r * 16 + i) * 16} ${get('half')})`),
    ...[0, 1].flatMap((g) => {
      const word = `(v128.load offset=${wordAt(g, wordOf(r * 16 + i))} ${get('half')})`;
      return step(VECTOR, r * 16 + i, `${g}`, VECTOR.add(word, get('k')));
    }),
  ]);
  return `${set('half', '(i32.const 0)')}
    (loop $round${r}
      ${steps.join('\n')}
      ${set('half', SCALAR.add(get('half'), `(i32.const ${HALF_BYTES})`))}
      (br_if $round${r} (i32.lt_u ${get('half')} (i32.const ${WORDS_BYTES}))))`;
}

function lanes(): string {
  const groups = [0, 1];
  const words = [...'abcd'];
  const pointers = range(8).map((i) => `p${i}`);
  const locals = [
    ...groups.flatMap((g) => [...words.flatMap((w) => [`${w}${g}`, `s${w}${g}`]), `t${g}`]),
    ...range(4).map((i) => `r${i}`),
    ...['ql0', 'ql1', 'qh0', 'qh1', 'k'],
  ];
  const state = (g: number, i: number) => `offset=${g * GROUP_BYTES + i * 16} (i32.const 0)`;
  const each = (f: (group: number, word: string, i: number) => string) =>
    groups.flatMap((g) => words.map((w, i) => f(g, w, i)));
  return `(func (export "lanes") ${pointers.map((p) => `(param $${p} i32)`).join(' ')} (param $blocks i32)
    ${locals.map((name) => `(local $${name} v128)`).join(' ')} (local $half i32)
    ${each((g, w, i) => set(`${w}${g}`, `(v128.load ${state(g, i)})`)).join('\n')}
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $blocks)))
      ${groups.flatMap((g) => range(4).flatMap((part) => transpose(g, part))).join('\n')}
      ${each((g, w) => set(`s${w}${g}`, get(`${w}${g}`))).join('\n')}
      ${range(4).map(round).join('\n')}
      ${each((g, w) => set(`${w}${g}`, VECTOR.add(get(`${w}${g}`), get(`s${w}${g}`)))).join('\n')}
      ${pointers.map((p) => set(p, SCALAR.add(get(p), `(i32.const ${BLOCK_BYTES})`))).join('\n')}
      ${set('blocks', SCALAR.sub(get('blocks'), '(i32.const 1)'))}
      (br $next)))
    ${each((g, w, i) => `(v128.store ${state(g, i)} ${get(`${w}${g}`)})`).join('\n')})`;
}

function single(): string {
  const words = [...'abcd'];
  const locals = [...words.flatMap((w) => [w, `s${w}`]), 't'];
  const state = (i: number) => `offset=${i * 16} (local.get $lane)`;
  const steps = range(64).flatMap((i) => {
    const word = `(i32.load offset=${wordOf(i) * 4} align=1 (local.get $p))`;
    return step(SCALAR, i, '', SCALAR.add(word, `(i32.const ${constantOf(i) | 0})`));
  });
  return `(func (export "single") (param $p i32) (param $blocks i32) (param $lane i32)
    ${locals.map((name) => `(local $${name} i32)`).join(' ')}
    ${words.map((w, i) => set(w, `(i32.load ${state(i)})`)).join('\n')}
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $blocks)))
      ${words.map((w) => set(`s${w}`, get(w))).join('\n')}
      ${steps.join('\n')}
      ${words.map((w) => set(w, SCALAR.add(get(w), get(`s${w}`)))).join('\n')}
      ${set('p', SCALAR.add(get('p'), `(i32.const ${BLOCK_BYTES})`))}
      ${set('blocks', SCALAR.sub(get('blocks'), '(i32.const 1)'))}
      (br $next)))
    ${words.map((w, i) => `(i32.store ${state(i)} ${get(w)})`).join('\n')})`;
}

/** The constants as data of the module, least significant byte first. */
function constants(): string {
  const hex = range(64).map((i) => {
    const word = constantOf(i);
    const bytes = range(4).map((at) => ((word >>> (8 * at)) & 255).toString(16).padStart(2, '0'));
    return bytes
      .map((byte) => `\\${byte}`)
      .join('')
      .repeat(4);
  });
  return `(data (i32.const ${CONSTANTS_START}) "${hex.join('')}")`;
}

/** The whole module. */
export function md5Wat(): string {
  return `(module
  (memory (export "memory") ${MEMORY_PAGES} ${MEMORY_PAGES})
  ${constants()}
  ${lanes()}
  ${single()})`;
}
