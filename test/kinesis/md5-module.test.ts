import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { md5Module } from '../../scripts/md5-module.ts';
import { INPUT_START, MEMORY_PAGES } from '../../scripts/md5-wat.ts';

it('the module in the sources is what its generator makes', async () => {
  const source = new URL('../../src/kinesis/md5-module.ts', import.meta.url);
  expect(readFileSync(source, 'utf8')).toBe(await md5Module());
});

it('the lanes fit its memory', () => {
  expect(INPUT_START + 8 * (8192 + 128)).toBeLessThanOrEqual(MEMORY_PAGES * 65_536);
});
