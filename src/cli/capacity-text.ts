import { formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import type { CapacitySearch, Probe } from '../plan/capacity-search.ts';
import type { Hysteresis, SweepStep } from '../plan/hysteresis.ts';

/** The result of a search, for people. */
export function renderSearch(search: CapacitySearch): string {
  const { passed, failed, kneePerSecond, probes } = search;
  const curve = [...probes].sort((a, b) => a.perSecond - b.perSecond);
  return [
    `Capacity: ${headline(search)}, bracket ${rate(passed)} … ${rate(failed?.perSecond ?? null)}`,
    ...limitLines(search),
    `  knee (p99 twice that of the least load): ${rate(kneePerSecond)}`,
    '',
    'Load and latency',
    ...curve.map((probe) => {
      const isKnee = probe.perSecond === kneePerSecond;
      return `${probeLine(probe)}${isKnee ? '  ◀ knee' : ''}`;
    }),
    ...(search.hysteresis === null ? [] : ['', ...hysteresisLines(search.hysteresis)]),
  ].join('\n');
}

function headline({ status, perSecond }: CapacitySearch): string {
  if (status === 'at least') return `at least ${rate(perSecond)} (the highest that may be tried)`;
  if (status === 'no rate') return 'no rate (none that was tried keeps the objectives)';
  const isAfter = perSecond !== null && (status === 'interrupted' || status === 'broken off');
  return `${rate(perSecond)} (${isAfter ? `confirmed, then ${status}` : status})`;
}

function limitLines({ failed, status, probes }: CapacitySearch): string[] {
  const last = probes.at(-1);
  if (status === 'generator-bound' && last !== undefined) {
    const reasons = last.generatorReasons.map((reason) => `    ${reason}`);
    return [
      `  limited by the generator, not the target, at ${rate(last.perSecond)}:`,
      ...reasons,
      '    more needs more threads (--workers), or more machines',
    ];
  }
  if (failed === null) return ['  no rate failed: the limit lies beyond what was tried'];
  return [`  limited by: ${failed.failed.join('; ')}`, `  hottest: ${failed.hottestShard ?? '-'}`];
}

/** One rate, one line. */
export function probeLine(probe: Probe): string {
  const { perSecond, failed, responseP99Us, acceptedPerSecond, throttle, isGeneratorBound } = probe;
  const verdict = isGeneratorBound
    ? 'the generator was the bottleneck'
    : failed.length === 0
      ? 'held'
      : failed.join('; ');
  return [
    rate(perSecond).padStart(12),
    `accepted ${rate(acceptedPerSecond)}`,
    `p99 ${time(responseP99Us)}`,
    `throttled ${formatPercent(throttle)}`,
    verdict,
  ].join(' · ');
}

function hysteresisLines({ steps, worseAt }: Hysteresis): string[] {
  const half = (step: SweepStep | null) =>
    step === null
      ? ''.padStart(24)
      : time(step.responseP99Us).padStart(12) + formatPercent(step.throttle).padStart(12);
  return [
    'Up to overload and down again, in one run',
    `${''.padStart(12)}${'up: p99'.padStart(12)}${'throttled'.padStart(12)}${'down: p99'.padStart(12)}${'throttled'.padStart(12)}`,
    ...steps.map(({ up, down }) =>
      `${rate(up.perSecond).padStart(12)}${half(up)}${half(down)}`.trimEnd(),
    ),
    `  ${hysteresisVerdict({ steps, worseAt })}`,
  ];
}

/** Says no more than was measured: a sweep may be cut short. */
function hysteresisVerdict({ steps, worseAt }: Hysteresis): string {
  const twice = steps.filter(({ down }) => down !== null);
  if (twice.length === 0) return 'the way down was not measured';
  if (worseAt.length > 0) {
    return `worse on the way down at ${worseAt.map(rate).join(', ')}: an overload outlasts its cause`;
  }
  if (twice.length === steps.length - 1) return 'no hysteresis: the way down is as the way up';
  const rates = twice.map(({ up: { perSecond } }) => rate(perSecond)).join(', ');
  return `the way down is as the way up at ${rates}; further down was not measured`;
}

/** A rate below ten a second is worth its decimals. */
const rate = (value: number | null): string => {
  if (value === null) return '-';
  return `${value > 0 && value < 10 ? Number(value.toPrecision(3)) : formatCount(value)}/s`;
};
const time = (us: number | null): string => (us === null ? '-' : formatDurationUs(us));
