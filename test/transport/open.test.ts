import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import { openTransport, type TransportOptions } from '../../src/transport/open.ts';

describe('opening a transport', () => {
  it.each<TransportOptions['credentials']>([
    'simulator',
    { accessKeyId: 'AKID', secretAccessKey: 'secret' },
  ])('says what an endpoint is, whoever signs (%j)', async (credentials) => {
    const options: TransportOptions = {
      kind: 'direct',
      protocol: 'cbor',
      http: '1.1',
      endpoint: 'not a url',
      region: 'us-east-1',
      credentials,
      maxConnections: 1,
      requestTimeoutUs: 1_000_000,
      nullShards: 1,
    };
    await expect(openTransport(options, new VirtualClock())).rejects.toMatchObject({
      code: 'SHARDSTORM_TRANSPORT_UNREACHABLE',
      message: expect.stringMatching(/"not a url" is not an endpoint/),
    });
  });
});
