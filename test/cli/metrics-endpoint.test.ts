import { describe, expect, it } from 'vitest';
import { isLoopback, metricsPlace } from '../../src/cli/metrics-endpoint.ts';

describe('--prometheus', () => {
  it.each([
    [':9464', '127.0.0.1', 9464],
    ['9464', '127.0.0.1', 9464],
    [':0', '127.0.0.1', 0],
    ['localhost:1', 'localhost', 1],
    ['0.0.0.0:65535', '0.0.0.0', 65_535],
    ['[::1]:80', '::1', 80],
  ])('reads %s', (flag, host, port) => {
    expect(metricsPlace(flag)).toEqual({ host, port });
  });

  it.each(['', ':', ':http', ':65536', '::1:80', 'host:', 'http://x:80/', '-1'])(
    'refuses %j and says what is allowed',
    (flag) => {
      expect(() => metricsPlace(flag)).toThrow(/no place to listen at; expected \[host\]:port/);
    },
  );

  it('knows what only this machine can reach', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'LOCALHOST'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.example.com'].some(isLoopback)).toBe(false);
  });
});
