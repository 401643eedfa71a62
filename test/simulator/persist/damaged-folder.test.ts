import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CORE_DEFAULTS, type CoreOptions } from '../../../src/simulator/core/options.ts';
import type { ShardState } from '../../../src/simulator/core/shard.ts';
import { Simulator } from '../../../src/simulator/core/simulator.ts';
import { Subscription } from '../../../src/simulator/core/subscription.ts';
import { getRecords } from '../../../src/simulator/operations/get-records.ts';
import { Input } from '../../../src/simulator/operations/input.ts';
import { encodeIterator } from '../../../src/simulator/operations/iterator.ts';
import { Storage } from '../../../src/simulator/persist/storage.ts';
import { ManualClock } from '../manual-clock.ts';
import { put, STREAM } from '../put.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardstorm-damaged-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A core with one shard that keeps itself in the folder. */
function open(options: Partial<CoreOptions> = {}) {
  const clock = new ManualClock();
  const simulator = new Simulator(clock, { ...CORE_DEFAULTS, limits: 'off', ...options });
  const storage = new Storage(simulator, folder, () => {});
  if (!simulator.streams.has(STREAM)) simulator.addActiveStream(STREAM, 'PROVISIONED', 1);
  simulator.journal?.changed();
  const shard = simulator.stream(STREAM).shards[0] as ShardState;
  return { clock, simulator, storage, shard };
}

/** A call for each text, of one record. */
function putEach(simulator: Simulator, texts: readonly string[]): void {
  for (const text of texts) put(simulator, [{ key: 'k', data: Buffer.from(text) }]);
}

/** What GetRecords finds from the beginning. */
function read(simulator: Simulator, shard: ShardState): string[] {
  const iterator = encodeIterator({
    streamName: STREAM,
    streamCreatedMs: simulator.stream(STREAM).createdMs,
    shard: 0,
    index: shard.log.first,
    madeMs: simulator.nowMs(),
  });
  const answer = getRecords.run(simulator, new Input({ ShardIterator: iterator }));
  const records = (answer?.['Records'] ?? []) as { Data: Uint8Array }[];
  return records.map(({ Data }) => Buffer.from(Data).toString());
}

function segment(): string {
  const [name = ''] = readdirSync(folder).filter((file) => /^records-.*log$/.test(file));
  return join(folder, name);
}

/** Turns one bit over of the payload that reads `text`. */
function flip(text: string): void {
  const bytes = readFileSync(segment());
  const at = bytes.indexOf(text);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(segment(), bytes);
}

describe('what is restored', () => {
  it('is every small record that the same bound held before, and what is said is what can be read', () => {
    const before = open({ storedBytesMax: 100_000 });
    putEach(
      before.simulator,
      Array.from({ length: 1000 }, (_, i) => `record-${i}`),
    );
    expect(before.simulator.store.heldRecords).toBe(1000);
    before.storage.close();
    const { simulator, storage } = open({ storedBytesMax: 100_000 });
    expect(storage.restored).toMatchObject({ records: 1000, problems: [] });
    expect(simulator.audit().storage).toMatchObject({ droppedRecords: 0 });
    expect(simulator.store.heldBytes).toBeLessThan(100_000);
  });

  it('is less under a smaller bound, and the rest is told and counted as dropped', () => {
    const before = open();
    putEach(
      before.simulator,
      Array.from({ length: 100 }, () => 'x'.repeat(100)),
    );
    before.storage.close();
    const { simulator, storage } = open({ storedBytesMax: 5000 });
    const { records, problems } = storage.restored;
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThan(50);
    expect(simulator.audit().storage.droppedRecords).toBe(100 - records);
    expect(problems).toEqual([
      `${100 - records} records are more than the memory for records holds, and were dropped`,
    ]);
  });

  it('is what planted damage stored: doubled records twice, lost ones not at all', () => {
    const rule = { rate: 1, atUs: null, forUs: null, shards: null, operation: null };
    const before = open();
    before.simulator.addFault({ ...rule, kind: 'duplicate-record' });
    putEach(before.simulator, ['a', 'b']);
    before.simulator.clearFaults();
    before.simulator.addFault({ ...rule, kind: 'drop-after-accept' });
    putEach(before.simulator, ['c']);
    before.simulator.clearFaults();
    putEach(before.simulator, ['d']);
    expect(read(before.simulator, before.shard)).toEqual(['a', 'a', 'b', 'b', 'd']);
    before.storage.close();
    const { simulator, shard, storage } = open();
    expect(storage.restored.problems).toEqual([]);
    expect(read(simulator, shard)).toEqual(['a', 'a', 'b', 'b', 'd']);
    expect(simulator.audit().shards[0]?.records).toBe(4);
  });
});

describe('a folder with one damaged byte', () => {
  const texts = ['first', 'second', 'third', 'fourth', 'fifth'];

  it('loses that record alone, and says so', () => {
    const before = open();
    putEach(before.simulator, texts);
    before.storage.close();
    flip('third');
    const { simulator, shard, storage } = open();
    expect(storage.restored.records).toBe(4);
    expect(storage.restored.problems).toEqual([
      expect.stringMatching(/records-00000001\.log is damaged: \d+ bytes from \d+ on are left out/),
      '1 records are missing',
    ]);
    expect(read(simulator, shard)).toEqual(['first', 'second', 'fourth', 'fifth']);
    putEach(simulator, ['sixth']);
    expect(read(simulator, shard)).toEqual(['first', 'second', 'fourth', 'fifth', 'sixth']);
    storage.close();
    const again = open();
    expect(again.storage.restored.problems).toEqual(['1 records are missing']);
    expect(read(again.simulator, again.shard)).toHaveLength(5);
  });

  it('is read by subscribers and by time too', () => {
    const before = open();
    for (const text of texts) {
      putEach(before.simulator, [text]);
      before.clock.advance(1_000_000);
    }
    before.storage.close();
    flip('first');
    flip('third');
    const { clock, shard } = open();
    const startMs = clock.originEpochUs / 1000;
    const delivered: number[] = [];
    const subscription = new Subscription(clock, shard, 0, {
      deliver(from, to) {
        for (let index = from; index < to; index++) {
          delivered.push(shard.log.body(index).arrivedMs - startMs);
        }
      },
      ended: () => {},
    });
    clock.advance(1_000_000);
    subscription.end();
    expect(delivered).toEqual([1000, 3000, 4000]);
    const found = [0, 1000, 1001, 2500, 3001, 4001].map((ms) =>
      shard.log.heldFrom(shard.log.indexAtTime(startMs + ms)),
    );
    expect(found).toEqual([1, 1, 3, 3, 4, 5]);
  });
});
