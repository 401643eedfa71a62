import { describe, expect, it } from 'vitest';
import { parseFailOn, verifyExitCode } from '../../src/cli/verify-fail-on.ts';
import type { VerifySummary } from '../../src/results/summary.ts';

const found = (rest: Partial<VerifySummary>): VerifySummary => ({
  verdict: 'delivered',
  expected: 10,
  found: 10,
  lost: 0,
  duplicatesExpected: 0,
  duplicatesUnexplained: 0,
  uncertainFound: 0,
  lateByKey: 0,
  lateByShard: 0,
  corrupt: 0,
  wrongKeys: 0,
  foreign: 0,
  ...rest,
});
const usual = parseFailOn('lost,damaged');

describe('the exit code of a verification', () => {
  it('is 0 when nothing of the list was found', () => {
    expect(verifyExitCode(found({ foreign: 3, duplicatesUnexplained: 2 }), usual)).toBe(0);
    expect(verifyExitCode(found({ verdict: 'lost', lost: 1 }), parseFailOn('none'))).toBe(0);
  });

  it('is 99 for what is on the list', () => {
    expect(verifyExitCode(found({ verdict: 'lost', lost: 1 }), usual)).toBe(99);
    expect(verifyExitCode(found({ verdict: 'damaged', wrongKeys: 1 }), usual)).toBe(99);
    expect(verifyExitCode(found({ lateByKey: 1 }), parseFailOn('reordered'))).toBe(99);
  });

  it('is 4 when records are missing only because not all was read', () => {
    expect(verifyExitCode(found({ verdict: 'incomplete', lost: 9, found: 1 }), usual)).toBe(4);
    // What was found damaged is damaged, however much is still to be read.
    expect(verifyExitCode(found({ verdict: 'incomplete', lost: 9, corrupt: 1 }), usual)).toBe(99);
  });

  it('cannot be asked for what is not known', () => {
    expect(() => parseFailOn('lots')).toThrow('did you mean "lost"');
  });
});
