import wabt from 'wabt';

/** Bytes of one turn of the loop: what is written is a multiple of these. */
const STEP_BYTES = 64;
/** Twice the pool of 64 KiB, and behind it room for a stretch as long as the pool. */
const MEMORY_PAGES = 3;

/**
 * `mask(source, target, bytes, mask)`: copies `bytes`, a multiple of 64 and more than none, from one place of the memory to
 * another, each 32-bit word changed by `mask`.
 */
function maskWat(): string {
  const steps = [0, 16, 32, 48].map(
    (at) =>
      `(v128.store offset=${at} (local.get $target) (v128.xor (local.get $masks)
        (v128.load offset=${at} align=4 (local.get $source))))`,
  );
  return `(module
  (memory (export "memory") ${MEMORY_PAGES} ${MEMORY_PAGES})
  (func (export "mask") (param $source i32) (param $target i32) (param $bytes i32) (param $mask i32)
    (local $masks v128) (local $end i32)
    (local.set $masks (i32x4.splat (local.get $mask)))
    (local.set $end (i32.add (local.get $target) (local.get $bytes)))
    (loop $next
      ${steps.join('\n')}
      (local.set $source (i32.add (local.get $source) (i32.const ${STEP_BYTES})))
      (local.set $target (i32.add (local.get $target) (i32.const ${STEP_BYTES})))
      (br_if $next (i32.lt_u (local.get $target) (local.get $end))))))`;
}

/** The source text of src/generate/mask-module.ts. */
export async function maskModule(): Promise<string> {
  const assembler = await wabt();
  const module = assembler.parseWat('mask.wat', maskWat(), { simd: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  module.destroy();
  return `// Made by \`npm run make-mask\` from scripts/mask-module.ts, where it is described; a test holds them together.
/** The WebAssembly module, base64. */
export const MASK_MODULE =
  // biome-ignore format: one string
  '${base64}';
`;
}
