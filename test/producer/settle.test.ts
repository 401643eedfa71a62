import { describe, expect, it } from 'vitest';
import { acceptAll, Harness, ScriptedTransport } from './harness.ts';

/** One record, answered as accepted with so many results more than there were records. */
function settledWith(resultsTooMany: number) {
  let toldAtOnce = 0;
  const harness = new Harness({
    observer: { acceptedAll: () => toldAtOnce++ },
    transport: (h) =>
      new ScriptedTransport(
        h.clock,
        () => 1000,
        (request, entries) => {
          acceptAll(() => h.shards)(request, entries);
          request.answer.resultCount += resultsTooMany;
        },
      ),
  }).ready();
  harness.put([{ key: 'k', data: 'd' }]);
  harness.drain();
  return { toldAtOnce, settled: harness.settled.map(({ outcome }) => outcome) };
}

describe('an answer in which every record is accepted', () => {
  it('is told of at once', () => {
    expect(settledWith(0)).toEqual({ toldAtOnce: 1, settled: [] });
  });

  it('is not believed when it has more results than there were records', () => {
    expect(settledWith(1)).toEqual({ toldAtOnce: 0, settled: ['failed'] });
  });
});
