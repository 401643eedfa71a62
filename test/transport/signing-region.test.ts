import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolveAddress } from '../../src/transport/sdk-client.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the region that a member sends to', () => {
  it("is the scenario's, else its machine's own, so that members of two regions can be told apart", async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    const address = { endpoint: null, region: null, credentials: 'chain' } as const;
    expect((await resolveAddress(address)).region).toBe('eu-west-1');
    const elsewhere = await resolveAddress({ ...address, region: 'us-west-2' });
    expect(elsewhere.region).toBe('us-west-2');
  });
});
