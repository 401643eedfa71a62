import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DeliveryNotes,
  NOT_ACCEPTED,
  NOTE_VALUES,
  REPEATED,
  UNCERTAIN,
} from '../../src/measure/delivery-notes.ts';

const KINDS = [NOT_ACCEPTED, UNCERTAIN, REPEATED];

/** What a frame tells, as `kind/producer/sequence`, and in how many stretches. */
function told(notes: DeliveryNotes): { sequences: Set<string>; stretches: number } {
  const delta = notes.take();
  const values = delta?.notes ?? new Float64Array(0);
  const sequences = new Set<string>();
  for (let at = 0; at < values.length; at += NOTE_VALUES) {
    const [kind, producer, first = 0, count = 0] = values.subarray(at, at + NOTE_VALUES);
    for (let i = 0; i < count; i++) sequences.add(`${kind}/${producer}/${first + i}`);
  }
  return { sequences, stretches: values.length / NOTE_VALUES };
}

describe('notes of what did not go well', () => {
  it('tells of exactly the sequences that were noted, in any order and however often', () => {
    const note = fc.tuple(
      fc.constantFrom(...KINDS),
      fc.constantFrom(0, 1, 65_535),
      fc.integer({ min: 0, max: 60 }),
    );
    fc.assert(
      fc.property(
        fc.array(note, { maxLength: 300 }),
        fc.constantFrom(0, 2 ** 40),
        (all, origin) => {
          const notes = new DeliveryNotes();
          notes.offeredTo(0, 0);
          const expected = new Set<string>();
          for (const [kind, producer, place] of all) {
            notes.note(kind, producer, origin + place);
            expected.add(`${kind}/${producer}/${origin + place}`);
          }
          const { sequences, stretches } = told(notes);
          expect(sequences).toEqual(expected);
          let joined = 0;
          for (const text of expected) {
            const [kind, producer, sequence] = text.split('/');
            if (!expected.has(`${kind}/${producer}/${Number(sequence) - 1}`)) joined++;
          }
          expect(stretches).toBe(joined);
        },
      ),
    );
  });

  it('tells of a stretch that failed in pieces as one, however long it was', () => {
    const notes = new DeliveryNotes();
    notes.offeredTo(3, 99_999);
    for (let shard = 0; shard < 8; shard++) {
      for (let sequence = shard; sequence < 100_000; sequence += 8) {
        notes.note(NOT_ACCEPTED, 3, sequence);
      }
    }
    const delta = notes.take();
    expect([...(delta?.notes ?? [])]).toEqual([NOT_ACCEPTED, 3, 0, 100_000]);
    expect(delta?.dropped).toBe(0);
  });

  it('counts what is too scattered to be told of', () => {
    const notes = new DeliveryNotes();
    notes.offeredTo(0, 0);
    for (let i = 0; i < 300_000; i++) notes.note(REPEATED, 0, i * 2);
    const delta = notes.take();
    const kept = (delta?.notes.length ?? 0) / NOTE_VALUES;
    expect(kept).toBeGreaterThanOrEqual(125_000);
    expect(kept + (delta?.dropped ?? 0)).toBe(300_000);
    // The next frame has room again.
    notes.note(REPEATED, 0, 1);
    expect(notes.take()?.dropped).toBe(0);
  });

  it('begins anew after each frame', () => {
    const notes = new DeliveryNotes();
    notes.offeredTo(0, 5);
    notes.note(UNCERTAIN, 0, 5);
    expect(told(notes).sequences).toEqual(new Set([`${UNCERTAIN}/0/5`]));
    expect(told(notes).sequences.size).toBe(0);
  });
});
