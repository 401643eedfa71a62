// A Kinesis endpoint that keeps nothing and accepts everything, as cheaply as Node can: so that what is measured is the
// client. Speaks what the clients of the bench ask for: DescribeStreamSummary, ListShards and PutRecords, JSON and CBOR,
// HTTP/1.1 and HTTP/2 on one port in clear text, and both over TLS on another. Loopback only.
//   node bench/sink.mjs [shards] [--stall]     --stall: PutRecords is read and never answered
// Prints one line of JSON when it listens: {"endpoint", "tlsEndpoint", "caFile", "pid"}; caFile is for NODE_EXTRA_CA_CERTS.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from '../dist/src/simulator/server/certificate.js';

const SHARDS = Number(process.argv[2] ?? 8);
const STALLS = process.argv.includes('--stall');
const SEQUENCE = '49590338271490256608559692538361571095921575989136588898';
const RECORDS_CBOR = Buffer.from('\x67Records', 'latin1');

const shardName = (i) => `shardId-${String(i).padStart(12, '0')}`;
const boundary = (i) => (((1n << 128n) * BigInt(i)) / BigInt(SHARDS)).toString();
const shards = Array.from({ length: SHARDS }, (_, i) => ({
  ShardId: shardName(i),
  HashKeyRange: {
    StartingHashKey: boundary(i),
    EndingHashKey: (((1n << 128n) * BigInt(i + 1)) / BigInt(SHARDS) - 1n).toString(),
  },
  SequenceNumberRange: { StartingSequenceNumber: SEQUENCE },
}));
const summary = {
  StreamName: 'bench',
  StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/bench',
  StreamStatus: 'ACTIVE',
  StreamModeDetails: { StreamMode: 'PROVISIONED' },
  RetentionPeriodHours: 24,
  StreamCreationTimestamp: 1_700_000_000,
  EnhancedMonitoring: [],
  OpenShardCount: SHARDS,
};

/** Answers by the shards of their records, made once for each list of shards. */
const answers = new Map();

/** @param shardsOf shard number of each record */
function answerFor(isCbor, shardsOf) {
  const key = `${isCbor}${shardsOf}`;
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = isCbor ? cborAnswer(shardsOf) : jsonAnswer(shardsOf);
    if (answers.size < 10_000) answers.set(key, answer);
  }
  return answer;
}

function jsonAnswer(shardsOf) {
  const Records = shardsOf.map((i) => ({ SequenceNumber: SEQUENCE, ShardId: shardName(i) }));
  return Buffer.from(JSON.stringify({ FailedRecordCount: 0, Records }));
}

function cborText(text) {
  const bytes = Buffer.from(text);
  const head = bytes.length < 24 ? [0x60 + bytes.length] : [0x78, bytes.length];
  return Buffer.concat([Buffer.from(head), bytes]);
}

function cborAnswer(shardsOf) {
  const record = (i) =>
    Buffer.concat([
      Buffer.from([0xa2]),
      cborText('SequenceNumber'),
      cborText(SEQUENCE),
      cborText('ShardId'),
      cborText(shardName(i)),
    ]);
  return Buffer.concat([
    Buffer.from([0xa2]),
    cborText('FailedRecordCount'),
    Buffer.from([0x00]),
    cborText('Records'),
    Buffer.from([0x99, shardsOf.length >> 8, shardsOf.length & 255]),
    ...shardsOf.map(record),
  ]);
}

/** Answers to calls of so many records, ready made, are the only ones that a fast client leaves time for. */
const MANY = 100;
const ROTATIONS = 16;
const anyShards = Array.from({ length: ROTATIONS }, (_, rotation) =>
  Array.from({ length: 500 }, (_, i) => (rotation * 500 + i) % SHARDS),
);
let rotation = 0;

/**
 * The shard of each record: by explicit hash keys alone if every record has one, as most aggregates do. Of many records in
 * one call, which are plain ones, it says any shards: to clients that predict none for these, all are welcome.
 */
function shardsOf(body, count, isCbor) {
  if (SHARDS === 1) return new Array(count).fill(0);
  if (count > MANY) return anyShards[rotation++ % ROTATIONS].slice(0, count);
  const found = [];
  const name = 'ExplicitHashKey';
  for (let at = body.indexOf(name); at >= 0; at = body.indexOf(name, at + 1)) {
    const digits = /\d+/.exec(body.latin1Slice(at + name.length, at + name.length + 48));
    found.push(shardOfHash(BigInt(digits?.[0] ?? 0)));
  }
  if (found.length === count) return found;
  return isCbor ? shardsOfCbor(body) : shardsOfJson(body);
}

const shardOfHash = (hash) => Number((hash * BigInt(SHARDS)) >> 128n);

const shardsOfKeys = new Map();

function shardOfKey(key) {
  let shard = shardsOfKeys.get(key);
  if (shard === undefined) {
    shard = shardOfHash(BigInt(`0x${createHash('md5').update(key).digest('hex')}`));
    if (shardsOfKeys.size < 2_000_000) shardsOfKeys.set(key, shard);
  }
  return shard;
}

function shardsOfJson(body) {
  return JSON.parse(body.toString()).Records.map(({ PartitionKey, ExplicitHashKey }) =>
    ExplicitHashKey === undefined ? shardOfKey(PartitionKey) : shardOfHash(BigInt(ExplicitHashKey)),
  );
}

/** Walks a body as the clients of the bench write it: definite lengths, texts and byte strings only. */
function shardsOfCbor(body) {
  let at = body.indexOf(RECORDS_CBOR) + RECORDS_CBOR.length;
  const item = () => {
    const info = body[at++] & 31;
    if (info < 24) return info;
    const size = 1 << (info - 24);
    at += size;
    return body.readUIntBE(at - size, size);
  };
  const skip = () => {
    const length = item();
    at += length;
    return length;
  };
  const text = () => {
    const length = skip();
    return body.latin1Slice(at - length, at);
  };
  return Array.from({ length: item() }, () => {
    let shard = 0;
    const members = item();
    for (let i = 0; i < members; i++) {
      const name = text();
      if (name === 'Data') skip();
      else if (name === 'PartitionKey') shard = shardOfKey(text());
      else shard = shardOfHash(BigInt(text()));
    }
    return shard;
  });
}

/** How many records a PutRecords body holds, read no further than needed. */
function countCbor(body) {
  const at = body.indexOf(RECORDS_CBOR) + RECORDS_CBOR.length;
  const head = body[at];
  if (head === 0x99) return body.readUInt16BE(at + 1);
  return head === 0x98 ? body[at + 1] : head - 0x80;
}

function countJson(body) {
  let count = 0;
  for (
    let at = body.indexOf('"PartitionKey"');
    at >= 0;
    at = body.indexOf('"PartitionKey"', at + 1)
  )
    count++;
  return count;
}

let requests = 0;
let records = 0;

function answerTo(headers, body) {
  const operation = String(headers['x-amz-target']).split('.')[1];
  const type = String(headers['content-type']);
  if (operation === 'DescribeStreamSummary') {
    return Buffer.from(JSON.stringify({ StreamDescriptionSummary: summary }));
  }
  if (operation === 'ListShards') return Buffer.from(JSON.stringify({ Shards: shards }));
  const count = type.includes('cbor') ? countCbor(body) : countJson(body);
  requests++;
  records += count;
  if (STALLS) return null;
  return answerFor(type.includes('cbor'), shardsOf(body, count, type.includes('cbor')));
}

function handle(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const answer = answerTo(request.headers, Buffer.concat(chunks));
    if (answer === null) return;
    response.writeHead(200, {
      'content-type': request.headers['content-type'],
      'content-length': answer.length,
      'x-amzn-requestid': '00000000-0000-0000-0000-000000000000',
    });
    response.end(answer);
  });
}

// One cleartext port for both: the preface tells them apart before either server sees a byte.
const http1 = createServer({ keepAliveTimeout: 60_000 }, handle);
const http2 = createHttp2Server(handle);
const port = createTcpServer((socket) => {
  socket.once('readable', () => {
    const first = socket.read();
    if (first === null) return socket.destroy();
    socket.unshift(first);
    (first.toString('latin1', 0, 3) === 'PRI' ? http2 : http1).emit('connection', socket);
  });
  socket.on('error', () => {});
});

const { key, cert } = selfSignedCertificate(Date.now());
const tls = createSecureServer({ key, cert, allowHTTP1: true }, handle);
const folder = mkdtempSync(join(tmpdir(), 'shardstorm-sink-'));
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, cert);

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', done));
await Promise.all([listen(port), listen(tls)]);
process.stdout.write(
  `${JSON.stringify({
    endpoint: `http://127.0.0.1:${port.address().port}`,
    tlsEndpoint: `https://localhost:${tls.address().port}`,
    caFile,
    pid: process.pid,
  })}\n`,
);

process.on('SIGTERM', () => {
  rmSync(folder, { recursive: true, force: true });
  process.stderr.write(`sink: ${requests} requests, ${records} records\n`);
  process.exit(0);
});
