import { describe, expect, it } from 'vitest';
import { renderScenario } from '../../src/scenario/render.ts';
import { compile, MINIMAL } from './build-scenario.ts';

const verify = (text: string) => compile(`${MINIMAL}verify: ${text}\n`).verify;

describe('the section verify', () => {
  it('is off unless asked for, and short for its usual form', () => {
    expect(compile(MINIMAL).verify).toBeNull();
    expect(verify('off')).toBeNull();
    const usual = { when: 'after', method: 'polling', failOn: ['lost', 'damaged'] };
    expect(verify('after')).toEqual(usual);
    expect(verify('during')).toEqual({ ...usual, when: 'during' });
    expect(verify('{ method: fan-out, failOn: [reordered] }')).toEqual({
      when: 'after',
      method: 'fan-out',
      failOn: ['reordered'],
    });
  });

  it('is written down as it was resolved', () => {
    const plan = compile(`${MINIMAL}verify: during\n`);
    expect(compile(renderScenario(plan)).verify).toEqual(plan.verify);
    expect(renderScenario(compile(MINIMAL))).not.toContain('verify');
  });

  it.each([
    ['before', 'after, during, off'],
    ['{ failOn: [lots] }', 'lost'],
  ])('refuses %s', (text, phrase) => {
    expect(() => verify(text)).toThrow(phrase);
  });

  it('needs stamps, and a stream that can be read', () => {
    const unstamped = `${MINIMAL}  stamp: false\nverify: after\n`;
    expect(() => compile(unstamped)).toThrow(/stamp.*must be true/);
    const nowhere = `${MINIMAL}target: { kind: "null" }\nverify: after\n`;
    expect(() => compile(nowhere)).toThrow('nothing can be read back');
  });
});
