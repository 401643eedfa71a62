import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatorHandle, startSimulatorThread } from '../../src/simulator/host.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const library = new URL('../../src/library/index.ts', import.meta.url).href;
const page = readFileSync(join(root, 'docs/producer.md'), 'utf8');

let simulator: SimulatorHandle;
let folder: string;
let child: ChildProcess | null = null;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shardstorm-docs-'));
  simulator = await startSimulatorThread({
    mode: 'provisioned',
    shards: 2,
    latency: { kind: 'zero' },
    faults: [],
    stream: 'clicks',
    seed: 1,
    region: null,
  });
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** Runs an example of the page as it stands there, but for where the package is and which endpoint it talks to. */
function run(name: string, args: readonly string[] = []) {
  const marked = new RegExp(`<!-- example: ${name} -->\\n\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(page);
  const code = (marked?.[1] ?? '').replace("'shardstorm/producer'", `'${library}'`);
  expect(code).toContain('new Producer');
  const file = join(folder, `${name}.mts`);
  writeFileSync(file, code);
  const started = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      AWS_ENDPOINT_URL_KINESIS: simulator.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'simulator',
      AWS_SECRET_ACCESS_KEY: 'simulator',
    },
  });
  child = started;
  let output = '';
  let errors = '';
  started.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const heard = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = (chunk = '') => {
        output += chunk;
        const found = pattern.exec(output);
        if (found !== null) resolve(found);
      };
      started.stdout.on('data', look);
      started.once('exit', () => reject(new Error(`${output}\n${errors}`)));
      look();
    });
  const ended = new Promise<number | null>((resolve) => started.once('exit', resolve));
  return { started, heard, ended };
}

describe('the examples of docs/producer.md', () => {
  it('web server: each request is stored, and nothing is lost at SIGTERM', async () => {
    const { started, heard, ended } = run('web-server');
    const [, port] = await heard(/port: (\d+)/);
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const headers = { 'x-user': `user-${i}` };
        const answer = await fetch(`http://127.0.0.1:${port}/`, {
          method: 'POST',
          headers: { ...headers, connection: 'close' },
          body: `click ${i}`,
        });
        return answer.status;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, () => 201));
    const told = heard(/isComplete: true/);
    started.kill('SIGTERM');
    await told;
    expect(await ended).toBe(0);
    expect((await simulator.audit()).userRecords.accepted).toBe(50);
  });

  it('file import: every line is stored, and the process ends by itself', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => JSON.stringify({ userId: i % 50, i }));
    const file = join(folder, 'clicks.ndjson');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const { heard, ended } = run('file-import', [file]);
    await heard(/accepted: 3000, failed: 0, expired: 0/);
    expect(await ended).toBe(0);
    expect((await simulator.audit()).userRecords.accepted).toBe(3000);
  });
});
