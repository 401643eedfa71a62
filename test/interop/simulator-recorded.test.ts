/**
 * Answers recorded from kinesalite 3.3.3, whose author took them from the live service: status and body, word for word.
 * Held are those that are still right; where the API has changed since (StreamName and PartitionKey optional, more tags
 * listed at once) the recording was left out.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server/server.ts';

interface Recording {
  readonly operation: string;
  readonly body: string;
  /** null takes a header away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly method?: string;
  readonly path?: string;
  readonly answer: { readonly status: number; readonly body: string };
}

const RECORDINGS: readonly Recording[] = JSON.parse(
  readFileSync(new URL('../fixtures/recorded-answers.json', import.meta.url), 'utf8'),
);

const HEADERS = {
  'content-type': 'application/x-amz-json-1.1',
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20261123/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=b',
  'x-amz-date': '20261123T120000Z',
};
let simulator: RunningSimulator;

beforeAll(async () => {
  simulator = await startSimulator(
    {
      mode: 'provisioned',
      shards: 3,
      latency: { kind: 'zero' },
      faults: [],
      stream: 's',
      seed: 1,
      region: 'us-east-1',
      limits: 'off',
    },
    realClock(clockOrigin()),
  );
});

afterAll(async () => {
  await simulator.close();
});

function replay({ operation, body, headers = {}, method = 'POST', path = '/' }: Recording) {
  const given = { 'x-amz-target': `Kinesis_20131202.${operation}`, ...HEADERS, ...headers };
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  return new Promise<Recording['answer']>((resolve, reject) => {
    const url = new URL(path, simulator.endpoint);
    const request = http.request(url, { method, headers: kept as Record<string, string> });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: withoutMoment(text) });
      });
    });
    request.end(body);
  });
}

/** Times and sequence numbers differ from one recording to the next. */
function withoutMoment(text: string): string {
  return text
    .replace(/49\d{54}/g, 'SEQUENCE')
    .replace(/currentTimestampInMillis: \d+/, 'currentTimestampInMillis: NOW');
}

it.each(RECORDINGS.map((recording) => [recording.operation, recording.body, recording] as const))(
  '%s %s',
  async (_operation, _body, recording) => {
    expect(await replay(recording)).toEqual(recording.answer);
  },
);
