/**
 * How long does merging take, and how much memory? One share of an hour is made by a run in virtual time, and stands for all
 * others: its folder again under each index, with frames thinned as for so many. Then `merge` of all, in a process of its own.
 *
 *   npm run build && node bench/merge.mjs [shares=1000] [shards=100]
 */
import { spawnSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const MAIN = join(ROOT, 'dist/src/cli/main.js');
const [shares = 1000, shards = 100] = process.argv.slice(2).map(Number);
const work = mkdtempSync(join(tmpdir(), 'shardstorm-merge-'));

/** Runs the program; on stderr it tells how much memory it had at the most. */
function program(...words) {
  const hook =
    'process.on("exit", () => console.error(`maxRSS ${process.resourceUsage().maxRSS}`))';
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, MAIN, ...words],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const seconds = (performance.now() - started) / 1000;
  const rssMib = Number(/maxRSS (\d+)/.exec(stderr)?.[1]) / 1024;
  if (status !== 0) console.error(stderr.slice(-2000));
  return { status, stdout, seconds, rssMib };
}

try {
  const one = join(work, 'one');
  program(
    ...['run', join(ROOT, 'scenarios/quickstart.yaml'), '--virtual', '--quiet', '--out', one],
    ...['--share', `0/${shares}`, '--set', `load.producers=${shares}`, '--duration', '1h'],
    ...['--rate', `${100 * shares}/s`, '--set', `target.simulator.shards=${shards}`],
  );
  const [name] = readdirSync(one);
  const share = JSON.parse(readFileSync(join(one, name, 'share.json'), 'utf8'));
  const all = join(work, 'all');
  for (let index = 0; index < shares; index++) {
    const folder = join(all, `share-${index}`);
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(join(one, name))) {
      if (file !== 'share.json') linkSync(join(one, name, file), join(folder, file));
    }
    const runId = `${share.runId}-${index}`;
    writeFileSync(join(folder, 'share.json'), JSON.stringify({ ...share, index, runId }));
  }
  const frames = statSync(join(one, name, 'frames.bin')).size;
  const merged = program('merge', all, '--json', '--out', join(work, 'merged'));
  const { summary } = JSON.parse(merged.stdout);
  console.log(
    `${shares} shares of an hour, ${shards} shards, ${(frames / 1024).toFixed(0)} KiB of frames each: ` +
      `merged in ${merged.seconds.toFixed(1)} s with ${merged.rssMib.toFixed(0)} MiB, ` +
      `${summary.userRecords.accepted} records, ${summary.phases.length} phases`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
