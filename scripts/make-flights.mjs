// Makes scenarios/data/flights-20k.ndjson from the npm package vega-datasets: every second of its 20,000 flights, so that
// the file stays below 1 MB while the share of each airport stays what it is. Run by hand: node scripts/make-flights.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEEP_EACH = 2;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
// The package exports no data file, but its main module lies in build/, beside data/.
const main = createRequire(import.meta.url).resolve('vega-datasets');
const source = join(dirname(dirname(main)), 'data', 'flights-20k.json');
const flights = JSON.parse(readFileSync(source, 'utf8'));
const kept = flights.filter((_, index) => index % KEEP_EACH === 0);
const target = join(root, 'scenarios', 'data', 'flights-20k.ndjson');
writeFileSync(target, `${kept.map((flight) => JSON.stringify(flight)).join('\n')}\n`);
console.log(`${kept.length} of ${flights.length} flights written to ${target}`);
