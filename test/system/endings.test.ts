import { readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerGap, OutFolder, QUICKSTART, run, SHORT, start, startEndpoint } from './program.ts';

let out: OutFolder;
/** What the tests make the program load before it starts. */
let hooks: OutFolder;
beforeEach(() => {
  out = new OutFolder();
  hooks = new OutFolder();
});
afterEach(() => {
  out.remove();
  hooks.remove();
});

const toOut = () => ['--out', out.path];
const ENDPOINT = ['--set', 'target.region=us-east-1', '--set', 'target.stream=quickstart'];
const STATIC_KEYS = { AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'sekret-of-the-test' };
describe('an interrupted run', () => {
  it('drains at the first Ctrl-C and leaves the whole result', async () => {
    const running = start(['run', QUICKSTART, '--duration', '60s', ...toOut()]);
    await running.said('5/');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(out.summary.status).toBe('interrupted');
    expect(out.summary.valid).toBe(true);
    expect(ledgerGap(out.summary)).toBe(0);
    expect(out.summary.userRecords.failed).toBe(0);
    expect(out.summary.userRecords.accepted).toBeGreaterThan(0);
  });

  it('stops now at the second, and counts what it gave up', async () => {
    // From second 2 on nothing is answered: a drain could not end in the time of this test.
    const stalled = [
      '--set',
      'target.simulator.faults=[{ kind: stall, at: 2s, for: 120s }]',
      '--set',
      'producer.requestTimeout=60s',
    ];
    const running = start(['run', QUICKSTART, '--duration', '60s', ...stalled, ...toOut()]);
    await running.said('5/');
    running.child.kill('SIGINT');
    await running.said('stopping');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(ledgerGap(out.summary)).toBe(0);
    expect(out.summary.userRecords.failed).toBeGreaterThan(0);
    expect(out.summary.userRecords.uncertain).toBeGreaterThan(0);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('ends with 143 and a result at %s', async (signal) => {
    const running = start(['run', QUICKSTART, '--duration', '60s', ...toOut()]);
    await running.said('workers');
    running.child.kill(signal);
    expect((await running.ended).code).toBe(143);
    expect(out.summary.status).toBe('interrupted');
  });
});
describe('a run that breaks down', () => {
  it('ends soon when a worker dies, names it and its missed share: invalid, exit code 4', async () => {
    // Load threads are those without data of their own; of two, one has an even number.
    const code = `
const { isMainThread, threadId, workerData } = require('node:worker_threads');
const isLoadThread = !isMainThread && workerData == null;
if (isLoadThread && threadId % 2 === 0) setTimeout(() => process.exit(7), 2500);
`;
    writeFileSync(join(hooks.path, 'killer.cjs'), code);
    const two = ['--workers', '2', '--set', 'load.producers=2', '--duration', '60s'];
    const ended = await run(['run', QUICKSTART, ...two, ...toOut()], {
      NODE_OPTIONS: `--require=${join(hooks.path, 'killer.cjs')}`,
    });
    expect(ended.code, ended.stderr).toBe(4);
    const { status, valid, invalidReasons, run: of } = out.summary;
    expect({ status, valid }).toEqual({ status: 'failed', valid: false });
    expect(invalidReasons.join()).toMatch(
      /worker [01] died: .*; it had 50\.0 % of the load, of which/,
    );
    const death = out
      .read('events.jsonl')
      .split('\n')
      .filter((line) => line.includes('"worker-died"'))
      .map((line) => JSON.parse(line).atMs);
    expect(death).toHaveLength(1);
    expect(of.durationMs - death[0]).toBeLessThan(5000);
    expect(ended.stdout).toContain('FAILED');
  });

  /** The built program on a disk that is full as soon as it comes to the file of a name. */
  async function runOnDiskFullAt(file: string) {
    const code = `
const fs = require('node:fs');
const { openSync, writeSync } = fs;
let full = -1;
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  if (String(path).includes('${file}')) full = descriptor;
  return descriptor;
};
fs.writeSync = (descriptor, bytes, ...rest) => {
  if (descriptor !== full) return writeSync(descriptor, bytes, ...rest);
  // A part of it is written, as a disk that fills up does.
  writeSync(descriptor, bytes.subarray(0, 100));
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};
require('node:module').syncBuiltinESMExports();
`;
    writeFileSync(join(hooks.path, 'full-disk.cjs'), code);
    const words = ['run', QUICKSTART, ...SHORT, ...toOut()];
    return run(words, { NODE_OPTIONS: `--require=${join(hooks.path, 'full-disk.cjs')}` });
  }

  it('prints the summary of a run that a full disk could not keep: exit code 4, this machine failed it', async () => {
    const ended = await runOnDiskFullAt('summary.json');
    expect(ended.code).toBe(4);
    expect(ended.stdout).toMatch(/VALID|SUSPECT/);
    expect(ended.stdout).not.toContain('Result ');
    expect(ended.stderr).toContain('SHARDSTORM_RESULTS_INCOMPLETE');
    expect(ended.stderr).toContain(out.path);
    expect(ended.stderr).toContain('hint: Free space');
    // Nothing half under a final name.
    expect(out.entries).toEqual([expect.stringMatching(/^\..*\.partial$/)]);
  });

  it('keeps a run whose page alone finds no room, without the page', async () => {
    const ended = await runOnDiskFullAt('report.html');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain('Result ');
    expect(ended.stderr).toContain('warning: report.html could not be written: ENOSPC');
    expect(ended.stderr).toContain('hint: Free space');
    expect(out.entries).toEqual([expect.stringMatching(/^\d{8}T/)]);
    expect(readdirSync(out.result)).not.toContain('report.html');
    expect(out.summary.status).toBe('completed');
  });

  it('says within ten seconds that nobody listens: exit code 3', async () => {
    const port = await freePort();
    const began = process.hrtime.bigint();
    const ended = await run(
      ['run', QUICKSTART, '--target', `http://127.0.0.1:${port}`, ...ENDPOINT, ...toOut()],
      STATIC_KEYS,
    );
    expect(ended.code).toBe(3);
    expect(Number(process.hrtime.bigint() - began) / 1e9).toBeLessThan(12);
    expect(ended.stderr).toContain(`127.0.0.1:${port}`);
    expect(ended.stderr).toContain('ECONNREFUSED');
    expect(ended.stderr).toContain('hint:');
    expect(out.entries).toEqual([]);
  });

  it('gives up an endpoint that takes calls and never answers: exit code 3', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const target = ['--target', `http://127.0.0.1:${port}`, ...ENDPOINT];
    const began = process.hrtime.bigint();
    const ended = await run(['run', QUICKSTART, ...target, ...toOut()], STATIC_KEYS);
    silent.close();
    expect(ended.code).toBe(3);
    expect(Number(process.hrtime.bigint() - began) / 1e9).toBeLessThan(15);
    expect(ended.stderr).toContain(`127.0.0.1:${port}`);
    expect(ended.stderr).toContain('hint:');
    expect(out.entries).toEqual([]);
  });

  it('says that the stream is missing: exit code 3; or creates it when asked', async () => {
    const endpoint = await startEndpoint({ stream: 'another' });
    try {
      const words = [
        'run',
        QUICKSTART,
        ...SHORT,
        '--target',
        endpoint.endpoint,
        ...ENDPOINT,
        ...toOut(),
      ];
      const refused = await run(words, STATIC_KEYS);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain('SHARDSTORM_SERVICE_STREAM_MISSING');
      expect(refused.stderr).toContain('quickstart');
      const created = await run([...words, '--set', 'target.create={shards: 4}'], STATIC_KEYS);
      expect(created.code, created.stderr).toBe(0);
      expect(out.summary.userRecords.accepted).toBe(4000);
      expect(
        JSON.stringify(out.summary) + out.read('scenario.yaml') + out.read('report.html'),
      ).not.toMatch(/AKIDTEST|sekret/);
    } finally {
      await endpoint.close();
    }
  });

  it('does not wait for a credential process that hangs once the run is over', async () => {
    // Credentials so short that the load asks for others at its first request, and every five seconds.
    const hang = join(hooks.path, 'hang');
    const provider = `#!/bin/sh
if [ -e ${hang} ]; then touch ${hang}s; fi
while [ -e ${hang} ]; do sleep 0.2; done
echo '{"Version":1,"AccessKeyId":"AKIDTEST","SecretAccessKey":"x","Expiration":"${soon()}"}'
`;
    writeFileSync(join(hooks.path, 'provider.sh'), provider, { mode: 0o700 });
    writeFileSync(
      join(hooks.path, 'config'),
      `[default]\ncredential_process = ${join(hooks.path, 'provider.sh')}\n`,
    );
    const endpoint = await startEndpoint({});
    try {
      const target = ['--target', endpoint.endpoint, ...ENDPOINT, '--duration', '7s'];
      const running = start(['run', QUICKSTART, ...target, ...toOut()], {
        AWS_CONFIG_FILE: join(hooks.path, 'config'),
      });
      await running.said('workers');
      writeFileSync(hang, '');
      const ended = await running.ended;
      expect(ended.code, ended.stderr).toBe(0);
      expect(out.summary.status).toBe('completed');
      expect(hooks.entries).toContain('hangs');
    } finally {
      await endpoint.close();
    }
  });

  it('needs credentials for an endpoint: exit code 3', async () => {
    const endpoint = await startEndpoint({});
    try {
      const ended = await run([
        'run',
        QUICKSTART,
        '--target',
        endpoint.endpoint,
        ...ENDPOINT,
        ...toOut(),
      ]);
      expect(ended.code).toBe(3);
      expect(ended.stderr).toContain('SHARDSTORM_CREDENTIALS_MISSING');
    } finally {
      await endpoint.close();
    }
  });

  it('does not spend money without a yes: exit code 2, nothing sent', async () => {
    const ended = await run(
      ['run', QUICKSTART, '--target', 'aws', ...ENDPOINT, ...toOut()],
      STATIC_KEYS,
    );
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/\$\d/);
    expect(ended.stderr).toContain('--yes');
    expect(out.entries).toEqual([]);
  });

  it.each([
    [['run'], 'argument is missing'],
    [['run', 'no-such-file.yaml'], 'no-such-file.yaml'],
    [['run', QUICKSTART, '--rat', '5/s'], 'did you mean'],
    [['run', QUICKSTART, '--rate', 'fast'], 'fast'],
    [['run', QUICKSTART, '--set', 'load.phase=1'], 'load.phase'],
    [['run', QUICKSTART, '--out', '/dev/null/results'], '/dev/null'],
    [['rum'], 'run'],
  ])('refuses %j: exit code 2, no stack', async (words, text) => {
    const ended = await run(words);
    expect(ended.code).toBe(2);
    expect(ended.stderr.toLowerCase()).toContain(text.toLowerCase());
    expect(ended.stderr).toContain('hint:');
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });
});
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });
}

/** Two minutes from now, as credentials say when they end. */
function soon(): string {
  return new Date(Date.now() + 120_000).toISOString();
}
