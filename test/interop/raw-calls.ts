import http from 'node:http';

const JSON_TYPE = 'application/x-amz-json-1.1';
const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20261123/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=b',
  'x-amz-date': '20261123T120000Z',
};

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Calls as bytes, for what no SDK sends. @param endpoint asked at each call */
export function rawCalls(endpoint: () => string) {
  function send(
    operation: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = http.request(endpoint(), {
        method,
        headers: {
          'x-amz-target': `Kinesis_20131202.${operation}`,
          'content-type': JSON_TYPE,
          ...SIGNED,
          ...headers,
        },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, headers: answered, body: Buffer.concat(chunks) });
        });
        response.on('error', reject);
      });
      request.end(body);
    });
  }

  async function sendJson(
    operation: string,
    input: unknown,
  ): Promise<{ status: number; body: unknown }> {
    const { status, body } = await send(operation, JSON.stringify(input));
    return { status, body: body.length === 0 ? null : JSON.parse(body.toString()) };
  }
  return { send, sendJson };
}
