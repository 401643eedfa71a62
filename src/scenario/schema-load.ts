import { z } from 'zod';
import {
  choice,
  duration,
  flag,
  fraction,
  integer,
  list,
  positive,
  rate,
  section,
  text,
} from './fields.ts';
import { PRECISE_METRICS } from './plan.ts';

/** Threads, processes or shares beyond these are mistakes: the stamp has 16 bits for the producer. */
const WORKERS_MAX = 1024;
const PRODUCERS_MAX = 65_536;

const rateForms = z.union(
  [
    rate(true, ', or 0/s to idle'),
    section({ from: rate(true), to: rate(true) }),
    section({
      steps: section({ from: rate(true), to: rate(true), step: rate(), every: duration() }),
    }),
    section({ sine: section({ mean: rate(), amplitude: rate(), period: duration() }) }),
    section({
      burst: z.union(
        [
          section({ base: rate(), times: positive(1e6, '10'), on: duration(), off: duration() }),
          section({ base: rate(true), peak: rate(), on: duration(), off: duration() }),
        ],
        { error: 'a section with the fields base, times or peak, on, off' },
      ),
    }),
    section({
      replay: section({
        file: text('the path of a file with one record a line'),
        timeColumn: text('the name of the column or field that holds the time'),
        speed: positive(1e9, '1').optional(),
      }),
    }),
    section({ closed: section({ concurrency: integer(1, 1_000_000) }) }),
  ],
  {
    error:
      'a rate such as 5000/s, { from, to }, { steps: … }, { sine: … }, { burst: … }, ' +
      '{ replay: … } or { closed: … }',
  },
);

const autoOr = (max: number) =>
  z.union([z.literal('auto'), integer(1, max)], { error: `auto, or a whole number, 1 to ${max}` });

export const loadSchema = section({
  workers: autoOr(WORKERS_MAX).optional(),
  producers: autoOr(PRODUCERS_MAX).optional(),
  seed: integer(0).optional(),
  arrival: choice(['constant', 'poisson']).optional(),
  phases: list(
    section({
      name: text('a short name', 1, 64).optional(),
      duration: duration(),
      rate: rateForms,
      measure: flag().optional(),
    }),
    'a list of at least one phase, { name, duration, rate, measure }',
    1,
  ),
  drain: duration({ min: 0 }).optional(),
  stopWhen: section({
    metric: choice(PRECISE_METRICS),
    halfWidth: fraction({ min: 0.0001, max: 0.5, words: ' from 0.01% to 50%' }),
    minDuration: duration({ min: 10_000_000, words: ' of at least 10s' }).optional(),
  }).optional(),
});

export type LoadInput = z.output<typeof loadSchema>;
export type RateInput = LoadInput['phases'][number]['rate'];
