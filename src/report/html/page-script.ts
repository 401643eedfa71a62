/** The program of the page, built by `npm run build` from `src/report/page/`. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ShardstormError } from '../../core/errors.ts';

/**
 * Reads the program that every page carries. The package finds itself by its name, so the place is the same for the
 * sources and for the built files.
 * @throws ShardstormError SHARDSTORM_INTERNAL when the package was not built
 */
export function readPageScript(): string {
  const root = dirname(createRequire(import.meta.url).resolve('shardstorm/package.json'));
  const file = join(root, 'dist', 'report-page.js');
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ShardstormError('SHARDSTORM_INTERNAL', `the report's script is missing: ${file}`, {
      hint: 'Run `npm run build`.',
      cause,
    });
  }
}
