import wabt from 'wabt';
import { INPUT_START, md5Wat } from './md5-wat.ts';

const LINE_CHARACTERS = 96;

/** The source text of src/kinesis/md5-module.ts. */
export async function md5Module(): Promise<string> {
  const assembler = await wabt();
  const module = assembler.parseWat('md5.wat', md5Wat(), { simd: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  module.destroy();
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g')) ?? [];
  return `// Made by \`npm run make-md5\` from scripts/md5-wat.ts, where its functions are described; a test holds them together.
/** First byte of the module's memory that is the caller's. */
export const MD5_INPUT_START = ${INPUT_START};
/** The WebAssembly module, base64. */
export const MD5_MODULE =
  // biome-ignore format: one string
  \`
${lines.join('\n')}
\`;
`;
}
