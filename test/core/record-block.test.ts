import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecordBlock } from '../../src/core/record-block.ts';

function fill(block: RecordBlock, payloads: readonly Uint8Array[]): void {
  block.clear();
  for (const payload of payloads) {
    const i = block.count++;
    block.payloadStart[i] = block.payloads.length;
    block.payloadLength[i] = payload.length;
    block.payloads.append(payload);
  }
}

it('gives each payload, block after block, whatever their sizes and however the buffer grows', () => {
  const blocks = fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }));
  fc.assert(
    fc.property(blocks, (contents) => {
      const block = new RecordBlock(8, 16);
      for (const payloads of contents) {
        fill(block, payloads);
        const given = payloads.map((_, i) => [...block.payloadOf(i)]);
        expect(given).toEqual(payloads.map((payload) => [...payload]));
      }
    }),
  );
});

it('makes no view for payloads of one size, after the first block', () => {
  const block = new RecordBlock(4);
  const payloads = [1, 2, 3, 4].map((byte) => new Uint8Array(100).fill(byte));
  fill(block, payloads);
  const views = payloads.map((_, i) => block.payloadOf(i));
  fill(block, [...payloads].reverse());
  expect(payloads.map((_, i) => block.payloadOf(i) === views[i])).toEqual([true, true, true, true]);
  expect(views.map((view) => view[0])).toEqual([4, 3, 2, 1]);
});
