import { expect, it } from 'vitest';
import { runControl } from '../../src/cli/run-control.ts';
import type { ExpiringCredentials } from '../../src/transport/credential-source.ts';
import type { TransportOptions } from '../../src/transport/open.ts';

const TRANSPORT: TransportOptions = {
  kind: 'direct',
  protocol: 'cbor',
  http: '1.1',
  endpoint: 'http://127.0.0.1:1',
  region: 'us-east-1',
  credentials: 'chain',
  maxConnections: 1,
  requestTimeoutUs: 1000,
  nullShards: 1,
};

it('fetches credentials once for threads that ask at one time, and anew after that', async () => {
  const asked: ((error: Error | null) => void)[] = [];
  const fetch = () =>
    new Promise<ExpiringCredentials>((resolve, reject) => {
      const credentials = {
        accessKeyId: `id ${asked.length}`,
        secretAccessKey: 'secret',
        sessionToken: null,
        expiresEpochMs: null,
      };
      asked.push((error) => (error === null ? resolve(credentials) : reject(error)));
    });
  const { target } = runControl(TRANSPORT, {
    endpoint: new URL('http://127.0.0.1:1'),
    region: 'us-east-1',
    credentials: fetch,
  });
  const both = Promise.all([target.fetchCredentials(), target.fetchCredentials()]);
  asked[0]?.(null);
  expect((await both).map(({ accessKeyId }) => accessKeyId)).toEqual(['id 0', 'id 0']);
  // A fetch that failed is not kept either.
  const failing = target.fetchCredentials();
  asked[1]?.(new Error('no role'));
  await expect(failing).rejects.toThrow('no role');
  const again = target.fetchCredentials();
  asked[2]?.(null);
  expect((await again).accessKeyId).toBe('id 2');
});
