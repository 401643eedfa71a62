import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';

it('says where it is, serves, and ends cleanly on a signal with its audit written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  const auditFile = join(folder, 'audit.json');
  const words = ['simulate', '--json', '--port', '0', '--control-port', '0', '--audit', auditFile];
  words.push('--init', 'scenarios/reshard.yaml', '--stream', 'simulated');
  const program = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words]);
  const exit = new Promise((resolve) => program.on('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    program.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    program.once('exit', (code) => reject(new Error(`it ended with code ${code}`)));
  });
  const { endpoint, controlEndpoint, tlsEndpoint, pid } = JSON.parse(line);
  expect(pid).toBe(program.pid);
  expect(tlsEndpoint).toBeNull();
  expect((await fetch(new URL('/_health', controlEndpoint))).status).toBe(200);
  const client = new KinesisClient({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(
    new PutRecordCommand({ StreamName: 'simulated', Data: Buffer.of(1), PartitionKey: 'k' }),
  );
  client.destroy();
  program.kill('SIGTERM');
  expect(await exit).toBe(0);
  expect(JSON.parse(readFileSync(auditFile, 'utf8')).kinesisRecords.accepted).toBe(1);
  rmSync(folder, { recursive: true });
});

it('greets with the shards that the stream has, whatever the flags say of a new one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  const greeting = async (shards: string) => {
    const words = ['simulate', '--port', '0', '--control-port', '0', '--shards', shards];
    words.push('--persist', join(folder, 'state'));
    const program = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words]);
    const exit = new Promise((resolve) => program.on('exit', resolve));
    const text = await new Promise<string>((resolve, reject) => {
      program.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      program.once('exit', (code) => reject(new Error(`it ended with code ${code}`)));
    });
    program.kill('SIGTERM');
    await exit;
    return text;
  };
  expect(await greeting('3')).toContain('stream simulated with 3 shards (provisioned)');
  expect(await greeting('9')).toContain('stream simulated with 3 shards (provisioned)');
  rmSync(folder, { recursive: true });
});
