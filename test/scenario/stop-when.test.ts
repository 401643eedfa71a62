import { describe, expect, it } from 'vitest';
import { renderScenario } from '../../src/scenario/render.ts';
import { compile, problemLines } from './build-scenario.ts';

const scenario = (stopWhen: string, rate = '100/s') => `version: 1
load:
  phases: [{ name: hold, duration: 10m, rate: ${rate} }]
  stopWhen: ${stopWhen}
records: { payload: { kind: random, size: 200B } }
`;

describe('load.stopWhen', () => {
  it('names a metric, how precise it is to be, and how long the phase goes on in any case', () => {
    const text = scenario('{ metric: response.p99, halfWidth: 5%, minDuration: 30s }');
    expect(compile(text).load.stopWhen).toEqual({
      metric: 'response.p99',
      halfWidth: 0.05,
      minDurationUs: 30_000_000,
    });
  });

  it('goes on for a minute unless told otherwise, and is off by default', () => {
    const text = scenario('{ metric: acceptedPerSecond, halfWidth: 2% }');
    expect(compile(text).load.stopWhen?.minDurationUs).toBe(60_000_000);
    expect(compile(text.replace(/ {2}stopWhen.*\n/, '')).load.stopWhen).toBeNull();
  });

  it('survives being written out', () => {
    const plan = compile(scenario('{ metric: response.mean, halfWidth: 1% }'));
    expect(compile(renderScenario(plan)).load.stopWhen).toEqual(plan.load.stopWhen);
  });

  it('needs a constant rate at the end, because a ramp has no one value to be sure of', () => {
    const text = scenario('{ metric: response.mean, halfWidth: 1% }', '{ from: 1/s, to: 9/s }');
    expect(problemLines(text).join()).toContain('load.stopWhen: needs a last phase');
  });

  it('knows its metrics', () => {
    const text = scenario('{ metric: response.p999, halfWidth: 1% }');
    expect(problemLines(text).join()).toContain('load.stopWhen.metric: got "response.p999"');
  });
});
