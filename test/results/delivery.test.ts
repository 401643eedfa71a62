import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DeliveryNotes,
  NOT_ACCEPTED,
  REPEATED,
  UNCERTAIN,
} from '../../src/measure/delivery-notes.ts';
import { DeliveryTotals } from '../../src/measure/delivery-totals.ts';
import { buildDelivery, deliverySchema, forEachStretch } from '../../src/results/delivery.ts';

const build = (totals: DeliveryTotals, problem = '') =>
  buildDelivery({
    totals,
    stampId: [0xabc, 0x1],
    originEpochUs: 1_795_000_000_000_000,
    durationUs: 1234.5,
    workers: 2,
    problem,
  });

function sequencesOf(text: string | undefined): number[] {
  const found: number[] = [];
  if (text !== undefined) {
    forEachStretch(text, (first, count) => {
      for (let i = 0; i < count; i++) found.push(first + i);
    });
  }
  return found;
}

describe('what a run says of its records', () => {
  it('tells exactly the sequences that were noted, in whatever order and frames', () => {
    const note = fc.tuple(
      fc.constantFrom(NOT_ACCEPTED, UNCERTAIN, REPEATED),
      fc.nat(3),
      fc.nat(500),
    );
    fc.assert(
      fc.property(fc.array(fc.array(note, { maxLength: 40 }), { maxLength: 5 }), (frames) => {
        const notes = new DeliveryNotes();
        const totals = new DeliveryTotals();
        for (let producer = 0; producer < 4; producer++) notes.offeredTo(producer, 500);
        for (const frame of frames) {
          for (const [kind, producer, sequence] of frame) notes.note(kind, producer, sequence);
          const delta = notes.take();
          if (delta !== null) totals.add(delta);
        }
        const rest = notes.take();
        if (rest !== null) totals.add(rest);
        const file = build(totals);
        expect(deliverySchema.parse(JSON.parse(JSON.stringify(file)))).toEqual(file);
        expect(file.offered).toEqual([501, 501, 501, 501]);
        const lists = [file.notAccepted, file.uncertain, file.repeated];
        for (const [kind, list] of lists.entries()) {
          for (let producer = 0; producer < 4; producer++) {
            const noted = frames.flat().filter(([k, p]) => k === kind && p === producer);
            const model = [...new Set(noted.map(([, , sequence]) => sequence))];
            expect(sequencesOf(list[producer])).toEqual(model.sort((a, b) => a - b));
          }
        }
      }),
    );
  });

  it('holds one stretch for neighbours, and the run id in hexadecimal', () => {
    const notes = new DeliveryNotes();
    notes.offeredTo(1, 99);
    for (const sequence of [4, 5, 6, 9]) notes.note(NOT_ACCEPTED, 1, sequence);
    const delta = notes.take();
    expect(delta?.notes).toEqual(Float64Array.of(NOT_ACCEPTED, 1, 4, 3, NOT_ACCEPTED, 1, 9, 1));
    const totals = new DeliveryTotals();
    if (delta !== null) totals.add(delta);
    expect(build(totals)).toMatchObject({
      stampRunId: '00000abc00000001',
      endEpochUs: 1_795_000_000_001_235,
      complete: true,
      offered: [0, 100],
      notAccepted: { 1: '4-6,9' },
      uncertain: {},
    });
  });

  it('says that it is not complete when a worker died or notes were lost', () => {
    expect(build(new DeliveryTotals(), 'worker 1 died')).toMatchObject({
      complete: false,
      problem: 'worker 1 died',
    });
    const totals = new DeliveryTotals();
    totals.add({ offered: Float64Array.of(0, 5), notes: new Float64Array(0), dropped: 3 });
    expect(build(totals).complete).toBe(false);
  });

  it('tells nothing before the first record is due', () => {
    expect(new DeliveryNotes().take()).toBeNull();
  });
});
