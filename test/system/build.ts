import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Before the system tests: dist/ as the sources are now. */
export function setup(): void {
  const script = join(import.meta.dirname, '../../scripts/build.mjs');
  execFileSync(process.execPath, [script, '--if-stale'], { stdio: 'inherit' });
}
