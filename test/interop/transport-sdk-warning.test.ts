import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Makes SDK clients under an old version of Node, in the main thread and in two workers. */
function program(workerStart: string): string {
  const makeClient = `
    Object.defineProperty(process, 'version', { value: 'v20.19.0' });
    const { KinesisClient } = await import('@aws-sdk/client-kinesis');
    new KinesisClient({});
    new KinesisClient({});`;
  const worker = `${workerStart} ${makeClient}`;
  return `
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    ${makeClient}
    for (let i = 0; i < 2; i++) {
      await once(new Worker(${JSON.stringify(worker)}, { eval: true }), 'exit');
    }`;
}

async function warnings(workerStart: string): Promise<number> {
  const { stderr } = await run(
    process.execPath,
    ['--input-type=module', '-e', program(workerStart)],
    { env: {} },
  );
  return stderr.split('NodeVersionSupportWarning').length - 1;
}

it("shows the SDK's warning about an old Node once for the whole program", async () => {
  const silence = `
    const { tsImport } = await import('tsx/esm/api');
    const { pathToFileURL } = await import('node:url');
    const parent = pathToFileURL(process.cwd() + '/worker.js').href;
    const { silenceSdkNodeWarning } = await tsImport('./src/transport/sdk-warning.ts', parent);
    silenceSdkNodeWarning();`;
  expect(await warnings('')).toBe(3);
  expect(await warnings(silence)).toBe(1);
});
