// Builds dist/ from src/ and workers/, the script of the report's page, and schema/. Run by `npm ci` (prepare), by `npm pack`
// and before system tests. With --if-stale it does nothing when dist/ is newer than all that it is made from: npx, called
// in this folder, runs `prepare` as well.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);
const stamp = join(root, 'dist/.built');
if (process.argv.includes('--if-stale') && isFresh()) process.exit(0);

function isFresh() {
  const builtMs = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['src', 'workers', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  sources.push(join(root, 'package-lock.json'), join(root, 'tsconfig.build.json'));
  return sources.every(
    (file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < builtMs,
  );
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
copyFileSync(join(root, 'src/plan/prices.json'), join(root, 'dist/src/plan/prices.json'));
execFileSync(process.execPath, [join(root, 'scripts/build-page.mjs')], { stdio: 'inherit' });
chmodSync(join(root, 'dist/src/cli/main.js'), 0o755);
execFileSync(process.execPath, [join(root, 'scripts/write-schemas.mjs')], { stdio: 'inherit' });
writeFileSync(stamp, '');
