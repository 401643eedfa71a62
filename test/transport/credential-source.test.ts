import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CredentialSource,
  type ExpiringCredentials,
} from '../../src/transport/credential-source.ts';

const MINUTE_MS = 60_000;

/** A provider whose fetches a test ends one by one. */
function provider(first: ExpiringCredentials) {
  const pending: { give(next: ExpiringCredentials): void; fail(): void }[] = [];
  let fetches = 0;
  const fetch = () => {
    fetches++;
    if (fetches === 1) return Promise.resolve(first);
    return new Promise<ExpiringCredentials>((resolve, reject) => {
      pending.push({ give: resolve, fail: () => reject(new Error('no provider')) });
    });
  };
  return { fetch, pending, fetches: () => fetches };
}

function until(expiresEpochMs: number | null, accessKeyId = 'first'): ExpiringCredentials {
  return { accessKeyId, secretAccessKey: 's', sessionToken: 't', expiresEpochMs };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('credentials', () => {
  it('are the same object until they change', async () => {
    const { fetch, fetches } = provider(until(null));
    const source = await CredentialSource.open(fetch);
    expect(source.current(0)).toBe(source.current(1e15));
    expect(fetches()).toBe(1);
  });

  it('are replaced five minutes before they end, while the old ones still serve', async () => {
    const { fetch, pending, fetches } = provider(until(10 * MINUTE_MS));
    const source = await CredentialSource.open(fetch);
    source.current(5 * MINUTE_MS);
    expect(fetches()).toBe(1);
    expect(source.current(5 * MINUTE_MS + 1).accessKeyId).toBe('first');
    expect(fetches()).toBe(2);
    pending[0]?.give(until(60 * MINUTE_MS, 'second'));
    await settled();
    expect(source.current(6 * MINUTE_MS).accessKeyId).toBe('second');
  });

  it('serve on when they cannot be replaced, and are tried for again', async () => {
    const { fetch, pending, fetches } = provider(until(0));
    const source = await CredentialSource.open(fetch);
    source.current(1_000);
    pending[0]?.fail();
    await settled();
    expect(source.current(5_999).accessKeyId).toBe('first');
    expect(fetches()).toBe(2);
    source.current(6_000);
    expect(fetches()).toBe(3);
  });

  it('are fetched by one call at a time, at most once in five seconds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(3_000), fc.constantFrom('use', 'expired', 'give', 'fail'))),
        async (steps) => {
          const { fetch, pending, fetches } = provider(until(0));
          const source = await CredentialSource.open(fetch);
          let nowMs = 0;
          for (const [passedMs, step] of steps) {
            nowMs += passedMs;
            if (step === 'use') source.current(nowMs);
            if (step === 'expired') source.refresh(nowMs);
            if (step === 'give') pending.shift()?.give(until(nowMs + 10 * MINUTE_MS));
            if (step === 'fail') pending.shift()?.fail();
            await Promise.resolve();
            await Promise.resolve();
            expect(pending.length).toBeLessThanOrEqual(1);
          }
          expect(fetches() - 1).toBeLessThanOrEqual(1 + Math.floor(nowMs / 5_000));
        },
      ),
    );
  });

  it('that are missing from the start are an error', async () => {
    const open = CredentialSource.open(() => Promise.reject(new Error('no provider')));
    await expect(open).rejects.toThrow('no provider');
  });
});
