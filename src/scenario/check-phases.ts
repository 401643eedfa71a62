/** Contradictions between the phases of a load, and within their rates. */

import type { LoadPlan, PhasePlan, RatePlan } from './plan.ts';
import { type FieldPath, type Problem, problem } from './problems.ts';
import { peakPerSecond } from './resolve-rates.ts';

/** Far more than one machine can generate; a schedule of a higher rate could not even be walked through. */
export const RATE_MAX_PER_SECOND = 10_000_000;
/** Steps of a rate beyond this are a mistake in the unit of one of its fields. */
const STEPS_MAX = 10_000;

export function checkPhases(load: LoadPlan, fileExists: (file: string) => boolean): Problem[] {
  const path: FieldPath = ['load', 'phases'];
  const problems = load.phases.flatMap(({ rate }, index) =>
    checkRate(rate, [...path, index, 'rate'], fileExists),
  );
  problems.push(...checkAnyRate(load.phases));
  if (!load.phases.some(({ measure }) => measure)) {
    problems.push(problem(path, 'no phase is measured; leave measure: false out of one'));
  }
  const last = load.phases.at(-1);
  const isSteady = last?.rate.kind === 'constant' && last.rate.perSecond > 0;
  if (load.stopWhen !== null && !(last?.measure === true && isSteady)) {
    const message = 'needs a last phase that is measured and has one constant rate';
    problems.push(problem(['load', 'stopWhen'], message));
  }
  const names = load.phases.map(({ name }) => name);
  const repeated = names.findIndex((name, index) => names.indexOf(name) < index);
  if (repeated >= 0) {
    problems.push(
      problem([...path, repeated, 'name'], `"${names[repeated]}" is taken by another phase`),
    );
  }
  return problems;
}

/** Phases may idle, but a run in which nothing is measured tells nothing. */
function checkAnyRate(phases: readonly PhasePlan[]): Problem[] {
  const measured = [...phases.entries()].filter(([, { measure }]) => measure);
  if (!measured.every(([, { rate }]) => isIdle(rate))) return [];
  return measured.map(([index]) =>
    problem(
      ['load', 'phases', index, 'rate'],
      'got "0/s"; expected a rate above zero in at least one measured phase: nothing would be sent',
    ),
  );
}

const isIdle = (rate: RatePlan): boolean => rate.kind === 'constant' && rate.perSecond === 0;

function checkRate(
  rate: RatePlan,
  path: FieldPath,
  fileExists: (file: string) => boolean,
): Problem[] {
  if (Object.values(rate).some((value) => Number.isNaN(value))) {
    return [
      problem(
        path,
        'a rate in bytes needs payloads of known size; give records.payload.size or a rate such as 5000/s',
      ),
    ];
  }
  if (peakPerSecond(rate) === 0 && !isIdle(rate)) {
    const form =
      rate.kind === 'steps' ? 'steps from 0/s to 0/s send' : 'a ramp from 0/s to 0/s sends';
    return [problem(path, `${form} nothing`)];
  }
  if ((peakPerSecond(rate) ?? 0) > RATE_MAX_PER_SECOND) {
    return [problem(path, `at most ${RATE_MAX_PER_SECOND}/s: no machine can offer more`)];
  }
  if (rate.kind === 'sine' && rate.amplitudePerSecond > rate.meanPerSecond) {
    return [
      problem([...path, 'sine', 'amplitude'], 'more than the mean: the rate would be negative'),
    ];
  }
  if (rate.kind === 'steps') {
    const steps = Math.abs(rate.toPerSecond - rate.fromPerSecond) / rate.stepPerSecond;
    if (steps > STEPS_MAX)
      return [problem([...path, 'steps'], `${Math.ceil(steps)} steps, at most ${STEPS_MAX}`)];
  }
  if (rate.kind === 'replay' && !fileExists(rate.file)) {
    return [problem([...path, 'replay', 'file'], `no such file: ${rate.file}`)];
  }
  return [];
}
