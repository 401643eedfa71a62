import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../core/assert.ts';

/** The folder of this package: the same for the source and for the built program in dist/. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    assert(folder !== dirname(folder), 'the program lies in its package');
    folder = dirname(folder);
  }
  return folder;
}

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageFolder(), 'package.json'), 'utf8');
  return String((JSON.parse(text) as { readonly version?: unknown }).version);
}
