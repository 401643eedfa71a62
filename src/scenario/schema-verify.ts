import { z } from 'zod';
import { choice, list, section } from './fields.ts';
import { VERIFY_FAILURES } from './plan.ts';

const when = choice(['after', 'during']);

/** `verify: after`, or in full. */
export const verifySchema = z.union(
  [
    choice(['after', 'during', 'off']),
    section({
      when: when.optional(),
      method: choice(['polling', 'fan-out']).optional(),
      failOn: list(choice(VERIFY_FAILURES), `a list of ${VERIFY_FAILURES.join(', ')}`).optional(),
    }),
  ],
  { error: 'after, during, off, or { when, method, failOn }' },
);
export type VerifyInput = z.output<typeof verifySchema>;
