// Records a CPU-second of the real program, each transport against the same sink, side by side in one run:
//   npm run bench            everything, about four minutes
//   npm run bench -- --quick one pair a row
// The CPU time is the load thread's own, from the operating system, over the measured phase. Pairs alternate (A B A B), so a
// machine that changes speed changes both; the ratio is taken pair by pair and its median is printed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, '../dist/src/cli/main.js');
const pairs = process.argv.includes('--quick') ? 1 : 3;
const out = mkdtempSync(join(tmpdir(), 'shardstorm-bench-'));

const PLAIN = 'plain-100b.yaml';
const AGGREGATED = 'aggregated-100b.yaml';
/** Each row: what is measured, and what it is measured against. `shards` is the sink's. */
const ROWS = [
  {
    name: '100 B x 500 plain: direct CBOR against SDK HTTP/1.1',
    shards: 1,
    a: { scenario: PLAIN, set: [] },
    b: {
      scenario: PLAIN,
      set: ['producer.transport=sdk'],
    },
  },
  {
    name: '100 B x 500 plain: direct CBOR against SDK HTTP/2 (its default)',
    shards: 1,
    a: { scenario: PLAIN, set: [] },
    b: {
      scenario: PLAIN,
      set: [
        'producer.transport=sdk',
        'producer.http=2',
        'load.phases.0.rate=20000/s',
        'load.phases.1.rate=20000/s',
      ],
    },
  },
  {
    name: '100 B x 500 plain: direct JSON against SDK HTTP/1.1',
    shards: 1,
    a: { scenario: PLAIN, set: ['producer.protocol=json'] },
    b: {
      scenario: PLAIN,
      set: ['producer.transport=sdk'],
    },
  },
  {
    name: '100 B aggregated (50 KiB, 8 shards): direct CBOR against SDK HTTP/1.1',
    shards: 8,
    a: { scenario: AGGREGATED, set: [] },
    b: { scenario: AGGREGATED, set: ['producer.transport=sdk'] },
  },
];

function startSink(shards) {
  const sink = spawn(process.execPath, [join(here, 'sink.mjs'), String(shards)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    sink.once('exit', (code) => reject(new Error(`the sink ended with ${code}`)));
    sink.stdout.once('data', (line) => resolve({ ...JSON.parse(line), stop: () => sink.kill() }));
  });
}

/** One run of the program; resolves to its summary. */
function run(variant, sink) {
  const target = sink.endpoint;
  const words = [
    'run',
    join(here, 'scenarios', variant.scenario),
    '--target',
    target,
    '--json',
    '--quiet',
    '--out',
    out,
  ];
  for (const set of variant.set) words.push('--set', set);
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      if (stdout === '') reject(new Error(`exit code ${code}: ${stderr}`));
      else resolve(JSON.parse(stdout).summary);
    });
  });
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const thousands = (value) => Math.round(value).toLocaleString('en-US');

console.log(
  `Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores, ${new Date().toISOString()}`,
);
console.log('| path | records/CPU-s | against | ratio (median, range) | valid |');
console.log('|---|---|---|---|---|');
for (const row of ROWS) {
  const sink = await startSink(row.shards);
  const results = { a: [], b: [] };
  let valid = true;
  for (let pair = 0; pair < pairs; pair++) {
    for (const side of ['a', 'b']) {
      const summary = await run(row[side], sink);
      valid &&= summary.valid && summary.userRecords.failed + summary.userRecords.expired === 0;
      results[side].push(summary.generator.userRecordsPerCpuSecond);
    }
  }
  sink.stop();
  const ratios = results.a.map((a, i) => a / results.b[i]);
  const range = `${median(ratios).toFixed(1)} (${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)})`;
  console.log(
    `| ${row.name} | ${thousands(median(results.a))} | ${thousands(median(results.b))} | ${range} | ${valid ? 'yes' : 'no'} |`,
  );
}
rmSync(out, { recursive: true, force: true });
process.exit(0);
