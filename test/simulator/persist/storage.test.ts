import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CORE_DEFAULTS, type CoreOptions } from '../../../src/simulator/core/options.ts';
import { Simulator } from '../../../src/simulator/core/simulator.ts';
import { Storage } from '../../../src/simulator/persist/storage.ts';
import { ManualClock } from '../manual-clock.ts';
import { put, records, STREAM, type TestRecord } from '../put.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardstorm-persist-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Opened {
  readonly simulator: Simulator;
  readonly storage: Storage;
  readonly clock: ManualClock;
}

function open(options: Partial<CoreOptions> = {}, clock = new ManualClock()): Opened {
  const simulator = new Simulator(clock, { ...CORE_DEFAULTS, limits: 'off', ...options });
  simulator.startAt(0);
  const storage = new Storage(simulator, folder, (problem) => {
    throw new Error(problem);
  });
  if (!simulator.streams.has(STREAM)) simulator.addActiveStream(STREAM, 'PROVISIONED', 2);
  return { simulator, storage, clock };
}

/** Every record that can be read: sequence number, key and data. */
function held(simulator: Simulator): string[] {
  return simulator.stream(STREAM).shards.flatMap((shard) => {
    const found: string[] = [];
    for (let index = shard.log.first; index < shard.log.next; index++) {
      const body = shard.log.body(index);
      const place = shard.log.place(index);
      const number = shard.sequenceNumber(index, Math.floor(body.arrivedMs / 1000));
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
      found.push(`${shard.id} ${number} ${text(body.key(place))} ${text(body.data(place))}`);
    }
    return found;
  });
}

function split(simulator: Simulator, number: number): void {
  const { map } = simulator.stream(STREAM);
  const shard = map.open[number % map.open.length];
  if (shard === undefined) return;
  const { startingHashKey, endingHashKey } = shard.place;
  map.split(shard, (startingHashKey + endingHashKey + 1n) / 2n, simulator.nowMs());
  simulator.journal?.changed();
}

function stamped(sequence: number): TestRecord {
  const data = Buffer.alloc(40);
  data.write('SSv1', 'latin1');
  data.writeUInt32BE(sequence, 20);
  return { key: `k${sequence}`, data };
}

function fileOf(start: string): string {
  const name = readdirSync(folder)
    .filter((file) => file.startsWith(start))
    .sort()
    .at(-1);
  return join(folder, name ?? '');
}

describe('a folder that keeps a simulator', () => {
  it('gives everything back after any sequence of puts, splits, stops and kills', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put'), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ kind: fc.constantFrom('split', 'kill', 'stop', 'second'), count: fc.nat(9) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        rmSync(folder, { recursive: true, force: true });
        let { simulator, storage, clock } = open();
        for (const { kind, count } of steps) {
          if (kind === 'put') put(simulator, records(count, 20));
          else if (kind === 'split') split(simulator, count);
          else if (kind === 'second') clock.advance(1_100_000);
          else {
            if (kind === 'stop') storage.close();
            else storage.prepare();
            const before = { held: held(simulator), audit: simulator.audit() };
            const restarted = new ManualClock();
            restarted.advance(clock.nowUs());
            ({ simulator, storage, clock } = open({}, restarted));
            expect(storage.restored.problems).toEqual([]);
            expect(held(simulator)).toEqual(before.held);
            const { storage: _, ...audit } = simulator.audit();
            const { storage: __, ...auditBefore } = before.audit;
            expect(audit).toEqual(auditBefore);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps settings, consumers and policies', () => {
    const { simulator, storage } = open();
    const stream = simulator.stream(STREAM);
    stream.retentionHours = 48;
    stream.tags.set('team', 'a');
    stream.encryptionKeyId = 'alias/key';
    simulator.policies.set('arn', '{}');
    simulator.commitmentStartedMs = 5;
    storage.close();
    const again = open().simulator;
    expect(again.stream(STREAM)).toMatchObject({
      createdMs: stream.createdMs,
      retentionHours: 48,
      encryptionKeyId: 'alias/key',
      tags: new Map([['team', 'a']]),
      status: 'ACTIVE',
    });
    expect(again.policies.get('arn')).toBe('{}');
    expect(again.commitmentStartedMs).toBe(5);
  });

  it('goes on finding duplicates of what was stored before, even when only records were written', () => {
    const first = open();
    put(first.simulator, [stamped(1), stamped(2), stamped(40_000)]);
    first.storage.close();
    const second = open();
    put(second.simulator, [stamped(3)]);
    const third = open(); // the second one was killed
    put(third.simulator, [stamped(2), stamped(3), stamped(4)]);
    const { userRecords, producers } = third.simulator.audit();
    expect(userRecords).toMatchObject({ stamped: 7, duplicates: 2 });
    expect(producers[0]).toMatchObject({ distinct: 5, sequenceMax: 40_000 });
  });

  it('has the digest of the same records in another order, and another one for others', () => {
    const digest = (...sequences: number[]) => {
      rmSync(folder, { recursive: true, force: true });
      const { simulator } = open();
      for (const sequence of sequences) put(simulator, [stamped(sequence)]);
      return simulator.audit().userRecords.digest;
    };
    expect(digest(1, 2, 3)).toBe(digest(3, 1, 2, 1));
    expect(digest(1, 2, 3)).not.toBe(digest(1, 2, 4));
  });

  it('holds no more than memory does, on disk too, and says what was dropped', () => {
    const { simulator, storage } = open({ storedBytesMax: 2_000_000 });
    for (let i = 0; i < 60; i++) put(simulator, records(100, 1000));
    const { droppedRecords } = simulator.store;
    expect(droppedRecords).toBeGreaterThan(3000);
    storage.close();
    const bytes = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name)).length)
      .reduce((sum, length) => sum + length, 0);
    expect(bytes).toBeLessThan(5_000_000);
    const again = open({ storedBytesMax: 2_000_000 });
    expect(held(again.simulator)).toEqual(held(simulator));
    expect(again.simulator.store.droppedRecords).toBe(droppedRecords);
  });

  it('leaves out an entry that was not written to its end', () => {
    const { simulator } = open();
    put(simulator, records(3, 10));
    const whole = held(simulator);
    put(
      simulator,
      records(3, 10, (i) => `late-${i}`),
    );
    const file = fileOf('records');
    truncateSync(file, readFileSync(file).length - 5);
    const again = open();
    expect(again.storage.restored.problems).toEqual([
      expect.stringContaining('was not written to its end'),
    ]);
    expect(held(again.simulator)).toEqual(whole);
    expect(again.simulator.audit().kinesisRecords.accepted).toBe(3);
  });

  it('takes the state before when the last one is damaged, and begins empty without any', () => {
    const { simulator, storage } = open();
    put(simulator, records(5, 10));
    storage.close();
    const spoil = () => {
      const file = fileOf('state');
      const bytes = readFileSync(file);
      bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
      writeFileSync(file, bytes);
    };
    spoil();
    const again = open();
    expect(again.storage.restored.problems).toEqual([expect.stringContaining('is damaged')]);
    expect(held(again.simulator)).toEqual(held(simulator));
    for (const name of readdirSync(folder)) if (/^state.*bin$/.test(name)) spoil();
    writeFileSync(fileOf('state'), 'nonsense');
    for (const name of readdirSync(folder)) {
      if (/^state.*bin$/.test(name)) writeFileSync(join(folder, name), 'nonsense');
    }
    const empty = open();
    expect(empty.storage.restored.problems.at(-1)).toContain('begins empty');
    expect(held(empty.simulator)).toEqual([]);
  });

  it('never throws on files of any bytes', () => {
    open().storage.close();
    const state = fileOf('state');
    const recordsFile = fileOf('records');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isState) => {
        const magic = isState ? Buffer.from('SSstate1') : Buffer.from('SSe1');
        writeFileSync(isState ? state : recordsFile, Buffer.concat([magic, bytes]));
        expect(() => open()).not.toThrow();
      }),
      { numRuns: 30 },
    );
  });

  it('is refused to a second process', () => {
    writeFileSync(join(folder, 'lock'), `${process.ppid}\n`);
    expect(() => open()).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/uses it/),
        hint: expect.stringContaining(`if it is no simulator, remove ${join(folder, 'lock')}`),
      }),
    );
  });

  it('does not stop the simulator when nothing can be written', () => {
    const clock = new ManualClock();
    const simulator = new Simulator(clock, CORE_DEFAULTS);
    const problems: string[] = [];
    new Storage(simulator, folder, (problem) => problems.push(problem));
    simulator.addActiveStream(STREAM, 'PROVISIONED', 1);
    rmSync(folder, { recursive: true });
    put(simulator, records(1, 1));
    put(simulator, records(1, 1));
    expect(problems).toEqual([expect.stringContaining('nothing is kept')]);
    expect(simulator.audit().kinesisRecords.accepted).toBe(2);
  });
});
