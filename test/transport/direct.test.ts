import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import { CredentialSource, SIMULATOR_CREDENTIALS } from '../../src/transport/credential-source.ts';
import { directTransport } from '../../src/transport/direct.ts';
import type { HttpCall, HttpClient } from '../../src/transport/http-client.ts';
import { requestOf } from './put-records-builder.ts';

const ACCEPTED = Buffer.from(
  '{"Records":[{"SequenceNumber":"1","ShardId":"shardId-000000000000"}]}',
);

async function open() {
  const clock = new VirtualClock();
  const calls: HttpCall[] = [];
  const client: HttpClient = {
    send: (call) => calls.push(call),
    close: () => Promise.resolve(),
  };
  const fetched: number[] = [];
  const credentials = await CredentialSource.open(async () => {
    fetched.push(fetched.length);
    return { ...SIMULATOR_CREDENTIALS, sessionToken: `token-${fetched.length}` };
  });
  const transport = directTransport(
    {
      protocol: 'json',
      endpoint: new URL('http://127.0.0.1:4567/'),
      region: 'us-east-1',
      requestTimeoutUs: 1_000,
    },
    client,
    credentials,
    clock,
  );
  const send = (then?: () => void) => {
    const request = requestOf([{ data: Buffer.from('x'), key: 'k', explicitHashKey: '' }]);
    const outcomes: string[] = [];
    transport.send(request, () => {
      outcomes.push(`${request.answer.status} ${request.answer.errorCode}`.trim());
      then?.();
    });
    const call = calls.at(-1);
    if (call === undefined) throw new Error('nothing was sent');
    return { call, outcomes, answer: request.answer };
  };
  return { clock, client, fetched, send };
}

function accept(call: HttpCall): void {
  call.onSent(() => {});
  call.onHead(200, '');
  call.onData(ACCEPTED);
  call.onEnd();
}

describe('a direct call', () => {
  it('times out as failed while it waits for a connection, and is dropped when one comes', async () => {
    const { clock, send } = await open();
    const late = send();
    clock.runUntil(1_000);
    expect(late.outcomes).toEqual(['failed RequestTimeout']);

    const other = send();
    expect(other.call, 'the late call still owns its body').not.toBe(late.call);
    let reason: Error | null = null;
    late.call.onSent((error) => {
      reason = error;
    });
    expect(reason).not.toBeNull();
    late.call.onError(new Error('aborted'));
    accept(other.call);
    expect(other.outcomes).toEqual(['answered']);
    expect(late.outcomes).toHaveLength(1);
  });

  it('times out as unknown once it was sent', async () => {
    const { clock, send } = await open();
    const { call, outcomes } = send();
    call.onSent((reason) => call.onError(reason));
    clock.runUntil(1_000);
    expect(outcomes).toEqual(['unknown RequestTimeout']);
  });

  it('does not time out after it was answered', async () => {
    const { clock, send } = await open();
    const { call, outcomes } = send();
    accept(call);
    clock.runUntil(900);
    const next = send();
    expect(next.call, 'the same buffers, with their own time limit').toBe(call);
    clock.runUntil(1_800);
    expect(next.outcomes).toEqual([]);
    accept(next.call);
    clock.runUntil(10_000);
    expect([...outcomes, ...next.outcomes]).toEqual(['answered', 'answered']);
  });

  it('calls back after send even when the client fails at once', async () => {
    const { clock, client, send } = await open();
    const inner = client.send;
    client.send = (call) => {
      inner(call);
      call.onError(new Error('closed'));
    };
    const { outcomes } = send();
    expect(outcomes).toEqual([]);
    clock.runUntil(0);
    expect(outcomes).toEqual(['failed ConnectionFailed']);
  });

  it('uses the buffers of a call that has ended again', async () => {
    const { send } = await open();
    const first = send();
    accept(first.call);
    expect(send().call).toBe(first.call);
  });

  it('gives up a response that has no end', async () => {
    const { send } = await open();
    const { call, outcomes } = send();
    call.onSent((reason) => call.onError(reason));
    call.onHead(200, '');
    const chunk = new Uint8Array(1024 * 1024);
    for (let i = 0; i < 5; i++) call.onData(chunk);
    expect(outcomes).toEqual(['unknown UnreadableAnswer']);
  });

  it('keeps an error that was cut off', async () => {
    const { send } = await open();
    const { call, answer } = send();
    call.onSent(() => {});
    call.onHead(400, 'ResourceNotFoundException');
    call.onData(Buffer.from('{"__ty'));
    call.onError(new Error('reset'));
    expect(answer).toMatchObject({ status: 'failed', errorCode: 'ResourceNotFoundException' });
  });

  it('has fetched new credentials when the next call comes after an expired token', async () => {
    const { fetched, send } = await open();
    const { call, answer } = send();
    expect(call.headers).toContain('token-1');
    call.onSent(() => {});
    call.onHead(400, '');
    call.onData(Buffer.from('{"__type":"ExpiredTokenException","message":"expired"}'));
    call.onEnd();
    expect(answer).toMatchObject({ status: 'failed', errorCode: 'ExpiredTokenException' });
    await Promise.resolve();
    expect(fetched).toHaveLength(2);
    expect(send().call.headers).toContain('token-2');
  });

  it('lets an error of the producer out of the client', async () => {
    const { clock, send } = await open();
    const { call } = send(() => {
      throw new Error('a bug');
    });
    expect(() => accept(call)).not.toThrow();
    expect(() => clock.runUntil(0)).toThrow('a bug');
  });
});
