import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SimulatorHandle, startSimulatorThread } from '../../src/simulator/host.ts';
import { rawCalls } from './raw-calls.ts';

const STREAM = 's';
let simulator: SimulatorHandle;
const { send, sendJson } = rawCalls(() => simulator.endpoint);

beforeAll(async () => {
  simulator = await startSimulatorThread({
    mode: 'provisioned',
    shards: 1,
    latency: { kind: 'zero' },
    faults: [],
    stream: STREAM,
    seed: 1,
    region: null,
  });
});

afterAll(async () => {
  await simulator.close();
});

it('counts the puts that it refuses before it looks at the stream', async () => {
  const before = (await simulator.audit()).requests;
  await send('PutRecords', '{');
  await send('PutRecords', '{"Records":[]}');
  await send('PutRecord', '');
  await send('PutRecords', Buffer.alloc(16 * 1024 * 1024));
  await send('PutRecords', '{"StreamName":"s"}', { authorization: '' });
  await send('PutRecords', '{"StreamName":"s"}', { 'content-type': 'text/plain' });
  await send('ListStreams', '{');
  const { failed, total } = (await simulator.audit()).requests;
  const added = Object.entries(failed)
    .map(([type, count]) => [type, count - (before.failed[type] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  expect(Object.fromEntries(added)).toEqual({
    SerializationException: 2,
    ValidationException: 1,
    RequestEntityTooLarge: 1,
    MissingAuthenticationTokenException: 1,
    UnknownOperationException: 1,
  });
  expect(total - before.total).toBe(6);
});

it('drops what is null in a map', async () => {
  const input = { StreamName: STREAM, Tags: { kept: 'yes', dropped: null } };
  expect((await sendJson('AddTagsToStream', input)).status).toBe(200);
  const { body } = await sendJson('ListTagsForStream', { StreamName: STREAM });
  expect(body).toEqual({ HasMoreTags: false, Tags: [{ Key: 'kept', Value: 'yes' }] });
});

it('knows no stream of another region or account', async () => {
  const arn = (region: string, account: string) =>
    `arn:aws:kinesis:${region}:${account}:stream/${STREAM}`;
  const list = (StreamARN: string) => sendJson('ListShards', { StreamARN });
  expect((await list(arn('us-east-1', '000000000000'))).status).toBe(200);
  const elsewhere = [arn('eu-west-1', '000000000000'), arn('us-east-1', '123456789012')];
  for (const StreamARN of elsewhere) {
    const account = StreamARN.split(':')[4];
    expect(await list(StreamARN)).toEqual({
      status: 400,
      body: {
        __type: 'ResourceNotFoundException',
        message: `Stream s under account ${account} not found.`,
      },
    });
    const put = { StreamARN, Records: [{ Data: 'QQ==', PartitionKey: 'k' }] };
    expect(await sendJson('PutRecords', put)).toMatchObject({ status: 400 });
    const tags = await sendJson('ListTagsForResource', { ResourceARN: StreamARN });
    expect(tags).toMatchObject({ body: { __type: 'ResourceNotFoundException' } });
  }
});

it('tells HTTP/2 by its preface in any number of pieces', async () => {
  const { port, hostname } = new URL(simulator.endpoint);
  const socket = net.connect(Number(port), hostname);
  socket.setNoDelay(true);
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  await once(socket, 'connect');
  for (const piece of [preface.slice(0, 1), preface.slice(1, 2)]) {
    await new Promise((resolve) => socket.write(piece, resolve));
    // Whole exchanges of another connection let the server first accept this one, then read the piece by itself.
    for (let turn = 0; turn < 3; turn++) await sendJson('ListStreams', {});
  }
  const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  socket.write(Buffer.concat([Buffer.from(preface.slice(2)), emptySettings]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  // The server's own settings frame, not a line of HTTP/1.1.
  expect(answer[3]).toBe(4);
  socket.destroy();
});
