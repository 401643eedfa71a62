import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../../../src/kinesis/faults.ts';
import type { Simulator } from '../../../src/simulator/core/simulator.ts';
import { put, STREAM, simulatorOf } from '../put.ts';

const fault = (kind: FaultKind, rate: number | null = 1) => ({
  kind,
  rate,
  atUs: null,
  forUs: null,
  shards: null,
  operation: null,
});

/** What a reader of the one shard finds. */
function stored(simulator: Simulator): string[] {
  const log = simulator.stream(STREAM).shards[0]?.log;
  if (log === undefined) throw new Error('no shard');
  const texts: string[] = [];
  for (let index = log.first; index < log.next; index++) {
    const body = log.body(index);
    const place = log.place(index);
    texts.push(`${Buffer.from(body.key(place))}:${Buffer.from(body.data(place))}`);
  }
  return texts;
}

const texts = (...data: string[]) =>
  data.map((text, i) => ({ key: `k${i}`, data: Buffer.from(text) }));

describe('planted damage', () => {
  it.each<[FaultKind, string[]]>([
    ['drop-after-accept', []],
    ['duplicate-record', ['k0:one', 'k0:one', 'k1:two', 'k1:two', 'k2:six', 'k2:six']],
    ['swap-order', ['k1:two', 'k2:six', 'k0:one']],
  ])('%s: the producer hears of nothing, a reader finds it', (kind, found) => {
    const { simulator } = simulatorOf(1, { faults: [fault(kind)] });
    const call = put(simulator, texts('one', 'two', 'six'));
    expect(call.refusedCount).toBe(0);
    expect(stored(simulator)).toEqual(found);
    const { kinesisRecords, faults, shards } = simulator.audit();
    expect(kinesisRecords.accepted).toBe(3);
    expect(shards[0]?.records).toBe(3);
    expect(faults).toEqual([{ kind, fired: kind === 'swap-order' ? 2 : 3 }]);
  });

  it('corrupt-byte: one bit of the data, never of the key', () => {
    const { simulator } = simulatorOf(1, { faults: [fault('corrupt-byte')] });
    put(simulator, texts('aaaa', '', 'cccc'));
    const [a, empty, c] = stored(simulator);
    expect(empty).toBe('k1:');
    expect([...(a ?? '')].filter((letter) => letter === '`')).toHaveLength(1);
    expect([...(c ?? '')].filter((letter) => letter === 'b')).toHaveLength(1);
  });

  it('comes by chance, within a window and in the shards that are named', () => {
    const rule = { ...fault('drop-after-accept', 0.5), shards: [0] };
    const { simulator } = simulatorOf(1, { faults: [rule] });
    for (let i = 0; i < 40; i++) put(simulator, texts('x'));
    const [{ fired } = { fired: 0 }] = simulator.audit().faults;
    expect(fired).toBeGreaterThan(5);
    expect(fired).toBeLessThan(35);
    expect(stored(simulator)).toHaveLength(40 - fired);
    const late = { ...fault('duplicate-record', null), atUs: 5_000_000, forUs: 1_000_000 };
    const other = simulatorOf(1, { faults: [late] });
    put(other.simulator, texts('x'));
    expect(stored(other.simulator)).toEqual(['k0:x']);
  });
});
