// How late records are generated at shares of this machine's ceiling, and what being on time costs: docs/performance.md,
// "Pacing". Run as `npm run build && npm run bench:pace`; takes two minutes and a half, `--rounds 2` fewer. Each run is
// followed by a bare sleeper at the same rate, which shows how late this machine wakes anybody. A row is the quietest of
// its rounds, that in which the load thread was least without a core. `--write` puts the table into docs/performance.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const MAIN = join(ROOT, 'dist/src/cli/main.js');
const SLEEPER = join(ROOT, 'bench/bare-sleeper.mjs');
const DOCS = join(ROOT, 'docs/performance.md');
const [BEGIN, END] = ['<!-- pace:begin -->', '<!-- pace:end -->'];

const RATES = [100, 1_000, 10_000, 100_000];
const CEILING_SHARE = 0.5;
const ROUNDS = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 3;
const WARM_UP_SECONDS = 2;
const SECONDS = 3;
const SLEEPER_SECONDS = 2;

const folder = mkdtempSync(join(tmpdir(), 'shardstorm-pace-'));

/** The summary of one load thread against a target that answers at once. */
function measure(rate) {
  const scenario = {
    version: 1,
    name: 'pace',
    target: { kind: 'null' },
    load: {
      workers: 1,
      producers: 1,
      phases: [
        { name: 'warm-up', duration: `${WARM_UP_SECONDS}s`, rate, measure: false },
        { name: 'hold', duration: `${SECONDS}s`, rate },
      ],
    },
    producer: { rateLimit: 'off', maxBufferedTime: '20ms' },
    records: { payload: { kind: 'random', size: '100B' } },
  };
  const file = join(folder, 'pace.json');
  writeFileSync(file, JSON.stringify(scenario));
  const words = [MAIN, 'run', file, '--json', '--quiet', '--calibration', 'off', '--out', folder];
  try {
    return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })).summary;
  } catch (error) {
    // An invalid run is a row as well, and says so.
    if (error.status !== 4) throw error;
    return JSON.parse(error.stdout).summary;
  }
}

/** The lateness of a thread that only sleeps. */
function sleep(perSecond) {
  const words = [SLEEPER, String(perSecond), String(SLEEPER_SECONDS)];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
}

/** @param perSecond null: no sleeper */
function quietest(rate, perSecond = null) {
  const waited = ({ summary }) => summary.generator.cpuWaitShare;
  return Array.from({ length: ROUNDS }, () => ({
    summary: measure(rate),
    sleeper: perSecond === null ? null : sleep(perSecond),
  })).reduce((a, b) => (waited(b) < waited(a) ? b : a));
}

const ms = (us) => `${(us / 1000).toFixed(us < 1000 ? 3 : 1)} ms`;
const count = (value) => Math.round(value).toLocaleString('en-US');

function row(perSecond, words = '') {
  const { summary, sleeper } = quietest(`${perSecond}/s`, perSecond);
  const { latency, generator, verdict } = summary;
  const late = ({ p50, p99, max }) => `${ms(p50)} | ${ms(p99)} | ${ms(max)}`;
  const cores = (generator.cpuSeconds / SECONDS).toFixed(3);
  const waited = `${(100 * generator.cpuWaitShare).toFixed(1)} %`;
  const name = `${count(perSecond)}/s${words}`;
  return `| ${name} | ${late(latency.lateness)} | ${late(sleeper)} | ${cores} | ${waited} | ${verdict} |`;
}

try {
  const closed = { closed: { concurrency: 20_000 } };
  const ceiling = quietest(closed).summary.userRecords.acceptedPerSecond;
  const half = Math.round(CEILING_SHARE * ceiling);
  const rows = [...RATES.map((rate) => row(rate)), row(half, ', half of the ceiling')];
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`;
  const table = [
    `Node ${process.versions.node}, ${machine}, ${new Date().toISOString()}; ceiling ${count(ceiling)} records/s.`,
    '',
    '| rate | lateness p50 | p99 | max | bare sleeper p50 | p99 | max | cores used | without a core | verdict |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  process.stdout.write(`${table}\n`);
  if (process.argv.includes('--write')) {
    const text = readFileSync(DOCS, 'utf8');
    const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (from < 0 || to < from) throw new Error(`${DOCS} has no ${BEGIN} … ${END}`);
    const whole = `${text.slice(0, from + BEGIN.length)}\n${table}\n${text.slice(to)}`;
    writeFileSync(DOCS, whole);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
