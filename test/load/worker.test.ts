import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { WHOLE } from '../../src/core/share.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import type { FromWorker, ToWorker, WorkerTask } from '../../src/load/protocol.ts';
import { runWorker } from '../../src/load/worker.ts';
import { planOf } from '../virtual/harness.ts';

const SHARD: Shard = {
  id: 'shardId-000000000000',
  number: 0,
  startingHashKey: 0n,
  endingHashKey: 2n ** 128n - 1n,
  parentNumber: null,
  adjacentParentNumber: null,
  isOpen: true,
};

/** A thread's task that waits for its credentials before it makes its load. */
function taskOf(port: MessagePort): WorkerTask {
  const endpoint = 'http://127.0.0.1:1';
  return {
    worker: 0,
    workers: 1,
    producers: 1,
    share: WHOLE,
    plan: planOf('load.phases.warm-up.rate=10/s', 'load.phases.hold.rate=10/s'),
    transport: {
      kind: 'direct',
      protocol: 'cbor',
      http: '1.1',
      endpoint,
      region: 'us-east-1',
      credentials: 'chain',
      maxConnections: 1,
      requestTimeoutUs: 1000,
      nullShards: 1,
    },
    settled: { endpoint, region: 'us-east-1' },
    runIdHigh: 1,
    runIdLow: 2,
    port,
  };
}

it('obeys a stop that came before its load was made: it ends, and never says that it is ready', async () => {
  const { port1, port2 } = new MessageChannel();
  const say = (message: ToWorker) => port1.postMessage(message);
  const told: string[] = [];
  port1.on('message', (message: FromWorker) => {
    told.push(message.kind);
    if (message.kind === 'fetch-credentials') {
      say({ kind: 'stop', mode: 'drain' });
      say({
        kind: 'credentials',
        message: '',
        credentials: {
          accessKeyId: 'id',
          secretAccessKey: 'secret',
          sessionToken: null,
          expiresEpochMs: null,
        },
      });
    }
    if (message.kind === 'list-shards')
      say({ kind: 'shards', shards: [SHARD], code: '', message: '' });
    // Would wait for its start: the end of the port is one more stop.
    if (message.kind === 'ready') port1.close();
  });
  const closed = once(port1, 'close');
  expect(await runWorker(taskOf(port2))).toEqual({ error: null });
  await closed;
  expect(told).toContain('frame');
  expect(told).not.toContain('ready');
});
