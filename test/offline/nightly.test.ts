/** docs/nightly.md as it stands: its jobs are read, and the commands in them are run, on a scenario of no length. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const DOC = readFileSync(join(ROOT, 'docs/nightly.md'), 'utf8');

/** The first block of that language in the page. */
function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(DOC) ?? [];
  if (text === undefined) throw new Error(`no ${language} in docs/nightly.md`);
  return text;
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly on: { readonly schedule: readonly { readonly cron: string }[] };
  readonly jobs: Readonly<
    Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[] }>
  >;
}

const workflow = parse(block('yaml')) as Workflow;
const steps = Object.values(workflow.jobs)[0]?.steps ?? [];

/** Five fields, each a number in its bounds or `*`. */
function isCron(line: string): boolean {
  const bounds = [59, 23, 31, 12, 7];
  const fields = line.split(' ');
  return (
    fields.length === 5 &&
    fields.every(
      (field, i) => field === '*' || (/^\d+$/.test(field) && Number(field) <= (bounds[i] ?? 0)),
    )
  );
}

const SCENARIO = `version: 1
name: nightly
target: { kind: simulator, simulator: { shards: 2, latency: { median: 12ms, p99: 60ms } } }
load:
  workers: 1
  producers: 1
  phases: [ { name: hold, duration: 4s, rate: 1000/s } ]
records: { partitionKey: { kind: uniform, cardinality: 1000 }, payload: { kind: random, size: 200B } }
variants: { fast: { producer.maxBufferedTime: 25ms } }
blocks: 2
primary: [acceptedPerSecond, response.p99]
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightly-'));
  writeFileSync(join(folder, 'nightly.yaml'), SCENARIO);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const main = join(ROOT, 'dist/src/cli/main.js');
  // A sweep without wall time; everything else as it is written.
  const program = `#!/bin/sh\n[ "$1" = sweep ] && set -- "$@" --virtual\nexec "${process.execPath}" "${main}" "$@"\n`;
  writeFileSync(join(bin, 'shardstorm'), program);
  writeFileSync(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n');
  for (const name of ['shardstorm', 'npx']) chmodSync(join(bin, name), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

const nights = () =>
  readdirSync(join(folder, 'nightly')).filter((name) => name.endsWith('.night.json'));

function shell(command: string, environment: Record<string, string> = {}) {
  const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`;
  return spawnSync('sh', ['-ec', command], {
    cwd: folder,
    env: { PATH, HOME: folder, NO_COLOR: '1', ...environment },
    encoding: 'utf8',
  });
}

describe('the jobs of docs/nightly.md', () => {
  it('is a workflow with a schedule, pinned actions, and every step does one thing', () => {
    expect(workflow.on.schedule.map(({ cron }) => isCron(cron))).toEqual([true]);
    expect(steps.length).toBeGreaterThan(5);
    for (const { uses, run } of steps) {
      expect((uses === undefined) !== (run === undefined)).toBe(true);
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w/-]+@v\d+$/);
    }
  });

  it('runs: night after night, a summary, a JUnit file, a page, and the verdict', () => {
    const commands = steps.flatMap(({ run = '' }) => (run.startsWith('npx ') ? [run] : []));
    expect(commands).toHaveLength(2);
    const summary = join(folder, 'summary.md');
    for (const command of commands) {
      const ended = shell(command, { GITHUB_STEP_SUMMARY: summary });
      expect(ended.status, ended.stderr).toBe(0);
    }
    expect(nights()).toHaveLength(2);
    expect(readFileSync(summary, 'utf8')).toContain('fast: not enough history');
    expect(readFileSync(join(folder, 'gate.xml'), 'utf8')).toContain('skipped="4"');
    const page = readFileSync(join(folder, 'nightly/trend.html'), 'utf8');
    expect(page).toContain('2 nights in 2 series');
  });

  it('fails with 99 only for what measuring again confirms, and with 2 for a baseline that cannot run', () => {
    // Six nights like tonight, but for one variant that was a fifth faster: what is seen when the program got slower.
    for (const name of nights()) {
      const night = JSON.parse(readFileSync(join(folder, 'nightly', name), 'utf8'));
      for (let number = 2; number <= 7; number++) {
        for (const run of night.runs) {
          run.run.id = `${run.run.id.slice(0, -6)}${night.name === 'fast' ? 'a' : 'b'}0000${number}`;
          if (night.name === 'fast' && number === 2) run.latency.response.p99 *= 0.8;
        }
        const path = join(folder, 'nightly', `${night.runs[0].run.id}.night.json`);
        writeFileSync(path, JSON.stringify({ ...night, number }));
      }
    }
    expect(nights()).toHaveLength(14);
    const gate = (flags: string) =>
      shell(`shardstorm gate results/*-sweep-* --history nightly --quiet ${flags}`);
    const unconfirmed = gate('--confirm 0');
    expect(unconfirmed.stdout).toContain('suspected');
    expect(unconfirmed.status).toBe(0);
    // An old program that got its answers sooner: today's is slower beside it. It is run once, and says so for each block.
    const faster = 'target.simulator.latency={ median: 3ms, p99: 10ms }';
    const sets = `--set producer.maxBufferedTime=25ms --set '${faster}'`;
    const old = shell(`shardstorm run nightly.yaml --virtual --json --quiet ${sets}`);
    writeFileSync(join(folder, 'old.json'), old.stdout);
    const program = `#!/bin/sh\nexec cat '${join(folder, 'old.json')}'\n`;
    writeFileSync(join(folder, 'bin/shardstorm-old'), program, { mode: 0o755 });
    const slower = gate('--baseline-command shardstorm-old --confirm 7 --json');
    expect(JSON.parse(slower.stdout), slower.stderr).toMatchObject({
      schema: 'shardstorm.gate/1',
      verdict: 'regression',
    });
    expect(slower.status).toBe(99);
    // What was measured is told although it cannot be kept.
    const unwritten = gate('--confirm 0 --junit /dev/null/gate.xml');
    expect(unwritten.stdout).toContain('suspected');
    expect(unwritten.status).toBe(2);
    const priceless = gate('--prices no-such-list.json');
    expect(priceless.stderr).toContain('--prices no-such-list.json cannot be read');
    expect(priceless.status).toBe(2);
    const missing = gate('--baseline-command no-such-program');
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain('the baseline program failed');
    const accepted = gate('--record --accept "larger batches"');
    expect(accepted.stdout).toContain('Accepted as the new level: larger batches');
    expect(accepted.status).toBe(0);
  });

  it('has an npm script and a crontab line that fit each other', () => {
    const { scripts } = JSON.parse(block('json')) as { scripts: Record<string, string> };
    const line = block('crontab').trim();
    expect(isCron(line.split(' ').slice(0, 5).join(' '))).toBe(true);
    expect(line).toContain('npm run --silent nightly');
    const commands = (scripts['nightly'] ?? '').split(' && ').map((part) => part.split(' ')[1]);
    expect(commands).toEqual(['sweep', 'gate', 'prune']);
    const [, , prune = ''] = (scripts['nightly'] ?? '').split(' && ');
    expect(shell(prune).status).toBe(0);
  });
});

describe('the nightly scenario', () => {
  it('compares three settings in under 15 minutes', () => {
    const scenario = join(ROOT, 'scenarios/nightly.yaml');
    const main = join(ROOT, 'dist/src/cli/main.js');
    const words = [main, 'sweep', scenario, '--dry-run'];
    const text = execFileSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    const [, minutes] = /takes +about (\d+)m/.exec(text) ?? [];
    expect(text).toContain('3 variants');
    expect(Number(minutes)).toBeLessThan(15);
  });
});

describe('the Dockerfile', () => {
  const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const words = lines.map((line) => line.split(/\s+/));
  const lastStage = words.findLastIndex(([instruction]) => instruction === 'FROM');

  it('builds in one stage and runs in another, pinned, without root, with a health check', () => {
    const stages = words.filter(([instruction]) => instruction === 'FROM');
    expect(stages).toHaveLength(2);
    for (const [, image] of stages) expect(image).toMatch(/^node:\d+-alpine$/);
    const final = words.slice(lastStage).map(([instruction]) => instruction);
    expect(final).toContain('HEALTHCHECK');
    expect(words.slice(lastStage).filter(([instruction]) => instruction === 'USER')).toEqual([
      ['USER', 'node'],
    ]);
    expect(final.indexOf('USER')).toBeLessThan(final.indexOf('ENTRYPOINT'));
  });

  it('copies only what is there, and what .dockerignore lets through', () => {
    const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    const copied = words
      .filter(([instruction, flag]) => instruction === 'COPY' && flag?.startsWith('--') === false)
      .flatMap((line) => line.slice(1, -1));
    expect(copied.length).toBeGreaterThan(8);
    for (const source of copied) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(allowed).toContain(`!${source.split('/')[0]}`);
    }
  });

  it('starts a program that is built', () => {
    const [, entry = ''] =
      /ENTRYPOINT \["node", "\/opt\/shardstorm\/(.*)"\]/.exec(lines.join('\n')) ?? [];
    expect(existsSync(join(ROOT, entry))).toBe(true);
  });
});
