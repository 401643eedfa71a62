// Builds dist/ from src/ and workers/, the script of the report's page, and schema/. Run by `npm ci` (prepare), by `npm pack` and before system tests.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);
rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
// The report's charts: one script for the browser, with its library, put into every page.
buildSync({
  entryPoints: [join(root, 'src/report/page/main.ts')],
  outfile: join(root, 'dist/report-page.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'ascii',
  legalComments: 'none',
});
chmodSync(join(root, 'dist/src/cli/main.js'), 0o755);
execFileSync(process.execPath, [join(root, 'scripts/write-schemas.mjs')], { stdio: 'inherit' });
