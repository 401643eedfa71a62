import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatorHandle, startSimulatorThread } from '../../src/simulator/host.ts';
import { decodeCbor } from '../../src/simulator/server/cbor.ts';
import { rawCalls } from './raw-calls.ts';

const STREAM = 's';
const CBOR = 'application/x-amz-cbor-1.1';
let simulator: SimulatorHandle;
const { send, sendJson } = rawCalls(() => simulator.endpoint);

beforeAll(async () => {
  simulator = await startSimulatorThread({
    mode: 'provisioned',
    shards: 1,
    latency: { kind: 'zero' },
    faults: [
      {
        kind: 'reset-after',
        rate: null,
        atUs: null,
        forUs: null,
        shards: null,
        operation: 'PutRecord',
      },
    ],
    stream: STREAM,
    seed: 1,
    region: null,
  });
});

afterAll(async () => {
  await simulator.close();
});

describe('CBOR on the wire', () => {
  it('takes indefinite lengths, byte strings in parts and tagged times', async () => {
    // {_ "Records": [_ {_ "Data": (_ h'0102', h'03'), "PartitionKey": "k"}], "StreamName": "s"}
    const text = (value: string) =>
      Buffer.concat([Buffer.of(0x60 | value.length), Buffer.from(value)]);
    const put = await send(
      'PutRecords',
      Buffer.concat([
        Buffer.of(0xbf),
        text('Records'),
        Buffer.of(0x9f, 0xbf),
        text('Data'),
        Buffer.of(0x5f, 0x42, 1, 2, 0x41, 3, 0xff),
        text('PartitionKey'),
        text('k'),
        Buffer.of(0xff, 0xff),
        text('StreamName'),
        text('s'),
        Buffer.of(0xff),
      ]),
      { 'content-type': CBOR },
    );
    expect(put.status).toBe(200);
    expect(put.headers['content-type']).toBe(CBOR);
    expect(decodeCbor(put.body)).toEqual({
      FailedRecordCount: 0,
      Records: [
        { SequenceNumber: expect.stringMatching(/^49\d{54}$/), ShardId: 'shardId-000000000000' },
      ],
    });

    const time = Buffer.alloc(10);
    time[0] = 0xc1;
    time[1] = 0x1b;
    time.writeBigUInt64BE(BigInt(Date.now() - 60_000), 2);
    const iterator = await send(
      'GetShardIterator',
      Buffer.concat([
        Buffer.of(0xa4),
        text('StreamName'),
        text('s'),
        text('ShardId'),
        text('shardId-000000000000'),
        text('ShardIteratorType'),
        text('AT_TIMESTAMP'),
        text('Timestamp'),
        time,
      ]),
      { 'content-type': CBOR },
    );
    const { ShardIterator } = decodeCbor(iterator.body) as { ShardIterator: string };
    const page = await sendJson('GetRecords', { ShardIterator });
    expect(page.body).toMatchObject({ Records: [{ Data: 'AQID', PartitionKey: 'k' }] });
  });

  it('answers errors in CBOR', async () => {
    const { status, headers, body } = await send('PutRecords', Buffer.of(0xa0), {
      'content-type': CBOR,
    });
    expect(status).toBe(400);
    expect(headers['x-amzn-errortype']).toBe('ValidationException');
    expect(decodeCbor(body)).toEqual({
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'records' failed to satisfy constraint: " +
        'Member must not be null',
    });
  });
});

describe('the order of checks', () => {
  it('refuses methods other than POST', async () => {
    const { status, body } = await send('PutRecords', '{}', {}, 'PUT');
    expect(status).toBe(403);
    expect(body.toString()).toContain(
      'Unable to determine service/operation name to be authorized',
    );
  });

  it('looks at the syntax, then the operation, then the signature', async () => {
    expect(JSON.parse((await send('Nothing', '{', { authorization: '' })).body.toString())).toEqual(
      {
        __type: 'SerializationException',
      },
    );
    expect(
      JSON.parse((await send('Nothing', '{}', { authorization: '' })).body.toString()),
    ).toEqual({
      __type: 'UnknownOperationException',
    });
    expect(
      JSON.parse((await send('PutRecords', '{}', { authorization: '' })).body.toString()),
    ).toEqual({
      __type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
    const partly = await send('PutRecords', '{}', {
      authorization: 'AWS4-HMAC-SHA256 Signature=x',
    });
    expect(JSON.parse(partly.body.toString()).__type).toBe('IncompleteSignatureException');
  });

  it('checks types before constraints', async () => {
    expect(await sendJson('PutRecord', { StreamName: 5, Data: 'eA==' })).toEqual({
      status: 400,
      body: {
        __type: 'SerializationException',
        Message:
          'class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String',
      },
    });
    expect(await sendJson('PutRecord', { Data: 'x', PartitionKey: 'k' })).toMatchObject({
      body: {
        Message:
          "'x' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 1",
      },
    });
  });

  it('names every broken constraint, with its place', async () => {
    const { body } = await sendJson('PutRecords', {
      StreamName: 'a b',
      Records: [
        { Data: '', PartitionKey: '' },
        { PartitionKey: 'k', ExplicitHashKey: '01' },
      ],
    });
    expect((body as { message: string }).message).toBe(
      '4 validation errors detected: ' +
        "Value '' at 'records.1.member.partitionKey' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 1; ' +
        "Value '01' at 'records.2.member.explicitHashKey' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38}); ' +
        "Value null at 'records.2.member.data' failed to satisfy constraint: Member must not be null; " +
        "Value 'a b' at 'streamName' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
    );
  });

  it('answers 413 to a body past every limit', async () => {
    const { status } = await send('PutRecords', Buffer.alloc(16 * 1024 * 1024), {}).catch(() => ({
      status: 413,
    }));
    expect(status).toBe(413);
  });
});

it('sends the headers of the service', async () => {
  const { headers } = await send('ListStreams', '{}');
  expect(headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  expect(Buffer.from(String(headers['x-amz-id-2']), 'base64')).toHaveLength(72);
});

it('cuts the connection after storing when a fault says so', async () => {
  const before = (await simulator.audit()).kinesisRecords.accepted;
  const put = sendJson('PutRecord', { StreamName: STREAM, Data: 'AQID', PartitionKey: 'k' });
  await expect(put).rejects.toMatchObject({ code: 'ECONNRESET' });
  const after = await simulator.audit();
  expect(after.kinesisRecords.accepted).toBe(before + 1);
  expect(after.requests.cutAfter).toBe(1);
});

it('reports a port that is taken, with what to do', async () => {
  const port = Number(new URL(simulator.endpoint).port);
  const second = startSimulatorThread({
    mode: 'provisioned',
    shards: 1,
    latency: { kind: 'zero' },
    faults: [],
    stream: STREAM,
    seed: 1,
    region: null,
    port,
  });
  await expect(second).rejects.toMatchObject({
    code: 'SHARDSTORM_SIMULATOR_LISTEN',
    hint: 'Choose another port, or 0 for a free one.',
  });
});
