import { expect, it } from 'vitest';
import { parseMachineTime } from '../../src/measure/steal-time.ts';

it('reads the stolen ticks, and counts guest time once', () => {
  const stat = 'cpu  100 5 50 800 20 3 2 20 70 4\ncpu0 1 2 3 4 5 6 7 8 9 10\n';
  expect(parseMachineTime(stat)).toEqual({ stolen: 20, all: 1000 });
});

it('says nothing on kernels that do not tell, and of what is no /proc/stat', () => {
  expect(parseMachineTime('cpu  100 5 50 800\n')).toBeNull();
  expect(parseMachineTime('')).toBeNull();
  expect(parseMachineTime('cpu  a b c d e f g h\n')).toBeNull();
});
