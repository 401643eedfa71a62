// Assembles the MD5 of scripts/md5-wat.ts and writes it into the sources: npm run make-md5.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { md5Module } from './md5-module.ts';

writeFileSync(
  fileURLToPath(new URL('../src/kinesis/md5-module.ts', import.meta.url)),
  await md5Module(),
);
