import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Makes SDK clients under an old version of Node, in the main thread and in a worker. */
function program(start: string): string {
  const makeClient = `
    Object.defineProperty(process, 'version', { value: 'v20.19.0' });
    const { KinesisClient } = await import('@aws-sdk/client-kinesis');
    new KinesisClient({});
    new KinesisClient({});`;
  return `
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    ${start}
    ${makeClient}
    await once(new Worker(${JSON.stringify(makeClient)}, { eval: true }), 'exit');`;
}

async function warnings(start: string): Promise<number> {
  const { stderr } = await run(process.execPath, ['--input-type=module', '-e', program(start)], {
    env: {},
  });
  return stderr.split('NodeVersionSupportWarning').length - 1;
}

it("keeps the SDK's warning about an old Node from every thread of the program", async () => {
  const silence = `
    const { tsImport } = await import('tsx/esm/api');
    const { pathToFileURL } = await import('node:url');
    const parent = pathToFileURL(process.cwd() + '/program.js').href;
    const { silenceSdkNodeWarning } = await tsImport('./src/transport/sdk-warning.ts', parent);
    silenceSdkNodeWarning();`;
  expect(await warnings('')).toBe(2);
  expect(await warnings(silence)).toBe(0);
});
