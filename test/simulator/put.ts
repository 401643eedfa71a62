import { CORE_DEFAULTS, type CoreOptions } from '../../src/simulator/core/options.ts';
import { PutCall } from '../../src/simulator/core/put-call.ts';
import { Simulator } from '../../src/simulator/core/simulator.ts';
import { ManualClock } from './manual-clock.ts';

export const STREAM = 'test';

/** A core with one ACTIVE stream under a clock that stands still. */
export function simulatorOf(
  shards: number,
  options: Partial<CoreOptions> = {},
): { simulator: Simulator; clock: ManualClock } {
  const clock = new ManualClock();
  const simulator = new Simulator(clock, { ...CORE_DEFAULTS, ...options });
  simulator.addActiveStream(STREAM, 'PROVISIONED', shards);
  simulator.startAt(0);
  return { simulator, clock };
}

export interface TestRecord {
  readonly key: string;
  readonly data: Uint8Array;
  readonly hashKey?: string;
}

/** A call with these records. */
export function callOf(records: readonly TestRecord[], streamName = STREAM): PutCall {
  const call = new PutCall();
  call.streamName = streamName;
  const parts = records.flatMap(({ key, data }) => [Buffer.from(key), Buffer.from(data)]);
  call.body = new Uint8Array(Buffer.concat(parts));
  let at = 0;
  for (const { key, data, hashKey } of records) {
    const keyEnd = at + Buffer.byteLength(key);
    call.add(at, keyEnd, keyEnd, keyEnd + data.length, hashKey);
    at = keyEnd + data.length;
  }
  return call;
}

/** `count` records of `bytes` bytes of data. */
export function records(
  count: number,
  bytes: number,
  key = (i: number) => `key-${i}`,
): TestRecord[] {
  return Array.from({ length: count }, (_, i) => ({ key: key(i), data: new Uint8Array(bytes) }));
}

/** Puts the records and returns the answered call; the service time must be zero. */
export function put(simulator: Simulator, list: readonly TestRecord[]): PutCall {
  const call = callOf(list);
  let answers = 0;
  simulator.putRecords(call, () => {
    answers++;
  });
  if (answers !== 1) throw new Error(`answered ${answers} times`);
  return call;
}
