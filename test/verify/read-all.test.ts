import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadableStream, ReadPosition } from '../../src/kinesis/reading.ts';
import { type Shard, shardId } from '../../src/kinesis/shard.ts';
import { readAll, type ShardProgress } from '../../src/verify/read-all.ts';
import { stored } from './builders.ts';

/** A stream in memory: pages of records by shard; a shard with `closesWith` children ends. */
class FakeStream implements ReadableStream {
  readonly shards: (Shard & { readonly pages: readonly (readonly string[])[] })[] = [];
  readonly opened: [string, ReadPosition][] = [];
  /** Shards that are listed only once their parents were read to the end. */
  readonly hidden = new Set<number>();
  failAt: string | null = null;
  ended = new Set<number>();

  add(
    number: number,
    parents: readonly number[],
    isOpen: boolean,
    pages: readonly (readonly string[])[],
  ) {
    const [parentNumber = null, adjacentParentNumber = null] = parents;
    const range = { startingHashKey: 0n, endingHashKey: 1n };
    const id = shardId(number);
    this.shards.push({ id, number, parentNumber, adjacentParentNumber, isOpen, pages, ...range });
  }

  async listShards() {
    const isKnown = ({ parentNumber }: Shard) =>
      parentNumber !== null && this.ended.has(parentNumber);
    return this.shards.filter((shard) => !this.hidden.has(shard.number) || isKnown(shard));
  }

  async openShard({ id, number }: Shard, position: ReadPosition) {
    this.opened.push([id, position]);
    const shard = this.shards.find((known) => known.number === number);
    const all = (shard?.pages ?? []).map((page) =>
      page.map((text) => stored(Buffer.from(text), 'k', text)),
    );
    const from =
      position.kind === 'after'
        ? all.findIndex((page) =>
            page.some((one) => one.sequenceNumber === position.sequenceNumber),
          ) + 1
        : 0;
    const pages = all.slice(from);
    return {
      next: async () => {
        await Promise.resolve();
        if (this.failAt === id) throw new Error('unreadable');
        const records = pages.shift() ?? [];
        const isEnd = pages.length === 0 && shard?.isOpen === false;
        if (isEnd) this.ended.add(number);
        return { records, millisBehindLatest: pages.length * 1000, isEnd };
      },
      close: () => {},
    };
  }

  async close() {}
}

const options = (
  stream: FakeStream,
  read: string[],
  progress = new Map<string, ShardProgress>(),
) => ({
  stream,
  from: { kind: 'time', epochMs: 5 } as const,
  progress,
  onPage: (_: Shard, page: { records: readonly { sequenceNumber: string }[] }) => {
    read.push(...page.records.map((record) => record.sequenceNumber));
  },
  isOver: () => true,
  signal: new AbortController().signal,
});

describe('readAll', () => {
  it('reads parents before children, and children that it hears of late from their start', async () => {
    const stream = new FakeStream();
    stream.add(0, [], false, [['0a'], ['0b']]);
    stream.add(1, [], false, [['1a']]);
    stream.add(2, [0], false, [['2a']]);
    stream.add(3, [2, 1], true, [['3a'], ['3b']]);
    stream.hidden.add(2);
    stream.hidden.add(3);
    const read: string[] = [];
    await readAll(options(stream, read));
    expect([...read].sort()).toEqual(['0a', '0b', '1a', '2a', '3a', '3b']);
    const at = (text: string) => read.indexOf(text);
    expect(at('0b')).toBeLessThan(at('2a'));
    expect(Math.max(at('1a'), at('2a'))).toBeLessThan(at('3a'));
    const kinds = Object.fromEntries(stream.opened.map(([id, { kind }]) => [id.slice(-1), kind]));
    expect(kinds).toEqual({ 0: 'time', 1: 'time', 2: 'start', 3: 'start' });
  });

  it('does not wait for parents that are gone', async () => {
    const stream = new FakeStream();
    stream.add(7, [3], true, [['7a']]);
    const read: string[] = [];
    await readAll(options(stream, read));
    expect(read).toEqual(['7a']);
  });

  it('stopped after any page and resumed, reads everything once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), async (pagesBefore) => {
        const stream = new FakeStream();
        stream.add(0, [], false, [['a'], ['b'], ['c']]);
        stream.add(1, [0], true, [['d'], ['e']]);
        const read: string[] = [];
        const progress = new Map<string, ShardProgress>();
        const abort = new AbortController();
        let pages = 0;
        await readAll({
          ...options(stream, read, progress),
          signal: abort.signal,
          onPage: (_, page) => {
            read.push(...page.records.map((record) => record.sequenceNumber));
            if (++pages === pagesBefore) abort.abort();
          },
        });
        await readAll(options(stream, read, progress));
        expect(read).toEqual(['a', 'b', 'c', 'd', 'e']);
      }),
    );
  });

  it('ends with the error of a shard that cannot be read', async () => {
    const stream = new FakeStream();
    stream.add(0, [], true, [['a']]);
    stream.add(1, [], true, [['b']]);
    stream.failAt = shardId(1);
    await expect(readAll(options(stream, []))).rejects.toThrow('unreadable');
  });
});
