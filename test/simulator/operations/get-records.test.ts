import { expect, it } from 'vitest';
import { getRecords } from '../../../src/simulator/operations/get-records.ts';
import { Input } from '../../../src/simulator/operations/input.ts';
import { encodeIterator } from '../../../src/simulator/operations/iterator.ts';
import { STREAM, simulatorOf } from '../put.ts';

it('an iterator lives for 300,000 ms, and is refused in the words of the service one later', () => {
  const { simulator, clock } = simulatorOf(1);
  const ShardIterator = encodeIterator({
    streamName: STREAM,
    streamCreatedMs: simulator.stream(STREAM).createdMs,
    shard: 0,
    index: 0,
    madeMs: simulator.nowMs(),
  });
  const read = () => getRecords.run(simulator, new Input({ ShardIterator }));
  clock.advance(300_000_000);
  expect(read()).toMatchObject({ Records: [] });
  clock.advance(1000);
  expect(read).toThrow(
    expect.objectContaining({
      type: 'ExpiredIteratorException',
      message:
        'Iterator expired. The iterator was created at time Mon Nov 23 12:00:00 UTC 2026 while right ' +
        'now it is Mon Nov 23 12:05:00 UTC 2026 which is further in the future than the tolerated ' +
        'delay of 300000 milliseconds.',
    }),
  );
});
