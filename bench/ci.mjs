// Whether our transport has lost ground against the SDK's: npm run bench:ci, under a minute. Fails when a ratio is more than
// 30 % below the one in bench/recorded.json, which `npm run bench -- --record` writes. A ratio of two runs on one machine
// says little of the machine; a single slow moment is why a row that fails is measured once more. While other programs keep
// the load thread from its core, caches are theirs as well, and nothing is judged.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conditions } from './harness.mjs';
import { measureRatios, ROWS, ratioOf } from './ratios.mjs';

const LOSS_MAX = 0.3;
/** Share of the time that the load thread may wait for a core. */
const WAITED_MAX = 0.25;
const CHECKED = ['100 B aggregated', '100 B × 500 plain'];

const file = join(dirname(fileURLToPath(import.meta.url)), 'recorded.json');
const recorded = JSON.parse(readFileSync(file, 'utf8'));
const major = process.versions.node.split('.')[0];
const { ratios } = recorded[major] ?? Object.values(recorded)[0] ?? { ratios: {} };

async function measure(row) {
  const [result] = await measureRatios({
    rows: [row],
    variants: ['direct', 'sdk1'],
    rounds: 2,
    seconds: 2,
    warmUpSeconds: 1,
  });
  return { ratio: ratioOf(result, 'direct', 'sdk1'), waited: result.waited };
}

let failed = false;
for (const row of ROWS.filter(({ name }) => CHECKED.includes(name))) {
  const before = ratios[row.name]?.sdk1;
  if (before === undefined) {
    console.log(`${row.name}: nothing recorded; npm run bench -- --record`);
    continue;
  }
  const least = before * (1 - LOSS_MAX);
  let measured = await measure(row);
  if (measured.ratio < least) measured = await measure(row);
  const { ratio, waited } = measured;
  const isBusy = waited > WAITED_MAX;
  const verdict = ratio >= least ? 'ok' : isBusy ? 'not judged, the machine is busy' : 'FAILED';
  failed ||= ratio < least && !isBusy;
  console.log(
    `${row.name}: ${ratio.toFixed(2)} times the SDK over HTTP/1.1; recorded ${before.toFixed(2)}, at least ${least.toFixed(2)}; waited for a core ${Math.round(waited * 100)} %: ${verdict}`,
  );
}
console.log(conditions());
process.exitCode = failed ? 1 : 0;
