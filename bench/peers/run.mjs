// The peers beside us: every producer against the same sink (bench/sink.mjs), the same records, the same way of counting CPU.
//   npm run build && node bench/peers/run.mjs [--install] [--only kpl,sdk-http1,…] [--rounds 3] [--seconds 4] [--write]
// --install gets what each peer needs (npm, Maven, Go, pip) into bench/peers; nothing of it belongs to the package or its tests.
// A peer whose tools or packages are not there is reported as not measured, with the reason.
//
// CPU: user and system time of the peer's whole tree of processes (the KPL's daemon too), from /proc, between the moments
// at which it says "start" and "end" (load.mjs). Records: 10,000 keys by Zipf's law, payloads of one size, closed loop. The
// KPL can only speak TLS, so our own figure over TLS stands beside it. A row's runs take turns, round by round.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  conditions,
  isSound,
  median,
  runProgram,
  startSink,
  table,
  thousands,
  writeSection,
} from '../harness.mjs';
import { ROWS } from '../ratios.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CLOCK_TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const { values: flags } = parseArgs({
  options: {
    install: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    write: { type: 'boolean', default: false },
  },
});
const SHARDS = 8;
/** Of plain records, all of which are in their shard then: the sink does not look at each (see sink.mjs). */
const PLAIN_SHARDS = 1;
const python = join(here, 'boto3/.venv/bin/python');
const goBinary = join(here, 'a8m/peer');
const classpath = join(here, 'kpl/target/classpath');

/** How each peer is made ready and started. `aggregates`: which of our rows it is held against. */
const PEERS = {
  'shardstorm aggregated': { ours: { set: [] }, aggregates: true },
  'shardstorm aggregated over TLS': { ours: { set: [], tls: true }, aggregates: true },
  ...library({ aggregates: true }),
  kpl: {
    name: 'KPL 1.1.1 (Java and its daemon, TLS)',
    aggregates: true,
    isTls: true,
    install: () => {
      const words = ['-q', '-B', 'package', 'dependency:build-classpath'];
      must('mvn', [...words, '-Dmdep.outputFile=target/classpath'], join(here, 'kpl'));
    },
    isThere: () => existsSync(classpath),
    command: () => {
      const path = `${join(here, 'kpl/target/classes')}:${readFileSync(classpath, 'utf8').trim()}`;
      return ['java', ['-cp', path, 'Peer']];
    },
    warmUpMs: 6000,
  },
  a8m: {
    name: 'a8m/kinesis-producer (Go)',
    aggregates: true,
    install: installA8m,
    isThere: () => existsSync(goBinary),
    command: () => [goBinary, []],
  },
  'sdk-agg': {
    name: 'AWS SDK v3 + aws-kinesis-agg, HTTP/1.1',
    aggregates: true,
    isThere: () => true,
    command: () => [process.execPath, [join(here, 'sdk/peer.mjs')]],
    environment: { AGGREGATE: '1', HTTP: '1.1' },
  },
  'shardstorm plain': { ours: { set: [] }, aggregates: false },
  ...library({ aggregates: false }),
  'sdk-http1': {
    name: 'AWS SDK v3, HTTP/1.1',
    aggregates: false,
    isThere: () => true,
    command: () => [process.execPath, [join(here, 'sdk/peer.mjs')]],
    environment: { HTTP: '1.1' },
  },
  'sdk-http2': {
    name: 'AWS SDK v3, HTTP/2',
    aggregates: false,
    isThere: () => true,
    command: () => [process.execPath, [join(here, 'sdk/peer.mjs')]],
    environment: { HTTP: '2' },
  },
  boto3: {
    name: 'boto3 (Python)',
    aggregates: false,
    install: () => {
      must('python3', ['-m', 'venv', '.venv'], join(here, 'boto3'));
      must(python, ['-m', 'pip', 'install', '-q', '-r', 'requirements.txt'], join(here, 'boto3'));
    },
    isThere: () => existsSync(python),
    command: () => [python, [join(here, 'boto3/peer.py')]],
  },
};

/** The library alone, in each form in which an application can use it. */
function library({ aggregates }) {
  const forms = {
    batch: 'trySendBatch of 500',
    callback: 'trySend with a callback',
    promise: 'put with a promise',
  };
  const rows = Object.entries(forms).map(([form, said]) => [
    `library-${form}${aggregates ? '' : '-plain'}`,
    {
      name: `shardstorm/producer alone, ${said}`,
      aggregates,
      isThere: () => true,
      command: () => [process.execPath, [join(here, 'shardstorm/peer.mjs')]],
      environment: { FORM: form, MODE: aggregates ? 'aggregated' : 'plain' },
    },
  ]);
  return Object.fromEntries(rows);
}

/** A8M_SOURCE names a checkout of the library, for machines whose module proxy does not have it. */
function installA8m() {
  const folder = join(here, 'a8m');
  const work = mkdtempSync(join(tmpdir(), 'shardstorm-a8m-'));
  for (const file of ['go.mod', 'main.go']) {
    writeFileSync(join(work, file), readFileSync(join(folder, file)));
  }
  const { A8M_SOURCE } = process.env;
  if (A8M_SOURCE !== undefined) {
    must('go', ['mod', 'edit', `-replace=github.com/a8m/kinesis-producer=${A8M_SOURCE}`], work);
  }
  must('go', ['mod', 'tidy'], work);
  must('go', ['build', '-o', goBinary, '.'], work);
  rmSync(work, { recursive: true });
}

function must(command, words, cwd) {
  const done = spawnSync(command, words, {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0)
    throw new Error(`${command} ended with ${done.status}: ${lastLine(done.stderr)}`);
}

const lastLine = (text) => text.trim().split('\n').at(-1);

/** User and system time of a process and all that it started, in seconds. */
function cpuSecondsOf(pid) {
  const parents = new Map();
  const ticks = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
      ticks.set(Number(name), Number(fields[11]) + Number(fields[12]));
    } catch {
      // It has ended meanwhile.
    }
  }
  let sum = 0;
  for (const [each, own] of ticks) {
    for (let up = each; up > 1; up = parents.get(up) ?? 0) {
      if (up !== pid) continue;
      sum += own;
      break;
    }
  }
  return sum / CLOCK_TICKS;
}

/** One run of a peer. @returns records accepted a CPU-second */
function runPeer(peer, sink, keysFile) {
  const [command, words] = peer.command();
  const child = spawn(command, words, {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      AWS_EC2_METADATA_DISABLED: 'true',
      ENDPOINT: sink.endpoint,
      TLS_ENDPOINT: sink.tlsEndpoint,
      NODE_EXTRA_CA_CERTS: sink.caFile,
      KEYS_FILE: keysFile,
      BYTES: '100',
      WARM_UP_MS: String(peer.warmUpMs ?? 3000),
      MEASURED_MS: String(Number(flags.seconds) * 1000),
      ...peer.environment,
    },
  });
  const marks = {};
  let stderr = '';
  let stdout = '';
  child.stderr.on('data', (text) => (stderr += text));
  child.stdout.on('data', (text) => {
    stdout += text;
    for (const [, word, count] of stdout.matchAll(/^(start|end) (\d+)$/gm)) {
      marks[word] ??= { count: Number(count), cpuSeconds: cpuSecondsOf(child.pid) };
    }
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      const { start, end } = marks;
      if (start === undefined || end === undefined || end.count <= start.count) {
        reject(new Error(`it ended with ${code} and accepted nothing: ${lastLine(stderr)}`));
      } else resolve((end.count - start.count) / (end.cpuSeconds - start.cpuSeconds));
    });
  });
}

async function runOurs({ ours, aggregates }, sink) {
  const row = ROWS.find(
    ({ bytes, name }) => bytes === 100 && name.includes('plain') !== aggregates,
  );
  const phases = ['load.phases.0.duration=2s', `load.phases.1.duration=${flags.seconds}s`];
  const { set, tls = false } = ours;
  const summary = await runProgram({
    scenario: row.scenario,
    set: [...phases, ...row.set, ...set],
    sink,
    tls,
  });
  if (!isSound(summary)) throw new Error(summary.invalidReasons.join(' '));
  return summary.generator.userRecordsPerCpuSecond;
}

/** 100,000 keys, drawn from 10,000 by Zipf's law with exponent 1.07. */
function writeKeys(path) {
  const weights = Array.from({ length: 10_000 }, (_, i) => (i + 1) ** -1.07);
  const sum = weights.reduce((a, b) => a + b, 0);
  const cumulated = [];
  let upTo = 0;
  for (const weight of weights) {
    upTo += weight / sum;
    cumulated.push(upTo);
  }
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const keys = Array.from({ length: 100_000 }, () => {
    const at = uniform();
    let low = 0;
    let high = cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulated[middle] < at) low = middle + 1;
      else high = middle;
    }
    return `key-${low}`;
  });
  writeFileSync(path, `${keys.join('\n')}\n`);
}

const names = flags.only === undefined ? Object.keys(PEERS) : flags.only.split(',');
const missing = new Map();
for (const name of names) {
  const { install, isThere } = PEERS[name];
  if (isThere === undefined) continue;
  try {
    if (flags.install && install !== undefined) install();
    if (!isThere()) missing.set(name, 'not installed: run with --install');
  } catch (thrown) {
    missing.set(name, thrown.message);
  }
}
const keysFolder = mkdtempSync(join(tmpdir(), 'shardstorm-peers-'));
const keysFile = join(keysFolder, 'keys.txt');
writeKeys(keysFile);
const sinks = {
  aggregated: await startSink({ shards: SHARDS }),
  plain: await startSink({ shards: PLAIN_SHARDS }),
};
const figures = new Map(names.map((name) => [name, []]));
for (let round = 0; round < Number(flags.rounds); round++) {
  for (const name of names) {
    if (missing.has(name)) continue;
    const peer = PEERS[name];
    const sink = sinks[peer.aggregates ? 'aggregated' : 'plain'];
    try {
      const run = peer.ours === undefined ? runPeer(peer, sink, keysFile) : runOurs(peer, sink);
      figures.get(name).push(await run);
    } catch (thrown) {
      missing.set(name, thrown.message);
    }
    process.stderr.write(`${name}: ${missing.get(name) ?? thousands(figures.get(name).at(-1))}\n`);
  }
}
for (const sink of Object.values(sinks)) sink.stop();
rmSync(keysFolder, { recursive: true });

/** Ours over a peer's, round by round: `21 (19–22)`. */
function timesText(name) {
  const { aggregates, isTls, ours } = PEERS[name];
  if (ours !== undefined) return '';
  const base = `shardstorm ${aggregates ? 'aggregated' : 'plain'}${isTls ? ' over TLS' : ''}`;
  const own = figures.get(base) ?? [];
  const ratios = figures
    .get(name)
    .flatMap((value, i) => (own[i] === undefined ? [] : own[i] / value));
  if (ratios.length === 0) return '';
  const range = `${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)}`;
  return `${median(ratios).toFixed(1)} (${range})`;
}

const rows = names.map((name) => {
  const said = PEERS[name].name ?? name;
  const values = figures.get(name);
  if (missing.has(name) || values.length === 0)
    return [said, 'not measured', missing.get(name) ?? ''];
  return [said, thousands(median(values)), timesText(name)];
});
const text = `${conditions()}; 100 B, ${SHARDS} shards (${PLAIN_SHARDS} for plain records), median of ${flags.rounds} rounds of ${flags.seconds} s\n\n${table(['producer', 'user records/CPU-s', 'we, times it'], rows)}`;
console.log(`\n${text}`);
if (flags.write) writeSection('peers', text);
process.exit(0);
