import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kplProperties, recommendedScenario } from '../../src/cli/recommended.ts';
import { importKplProperties } from '../../src/scenario/kpl-properties.ts';
import { scenarioData } from '../../src/scenario/render.ts';
import { compile, MINIMAL } from '../scenario/build-scenario.ts';

const SCENARIO = `${MINIMAL}
producer:
  profile: kpl
  aggregation: { maxSize: 100KiB, maxCount: 1000 }
  collection: { maxCount: 250 }
  maxBufferedTime: 250ms
  rateLimit: 80%
  recordTtl: 10s
matrix: { producer.maxBufferedTime: [100ms, 250ms] }
tags: { team: web, sweep: s1, variant: v, block: '3' }
blocks: 8
`;

describe('the recommended setting', () => {
  it('is a scenario that compiles to the same plan, without what belonged to the sweep', () => {
    const plan = compile(SCENARIO);
    const text = recommendedScenario(
      scenarioData(plan),
      ['sweep', 'variant', 'block'],
      'because\nso',
    );
    expect(text.startsWith('# because\n# so\n')).toBe(true);
    const again = compile(text);
    expect(again.producer).toEqual(plan.producer);
    expect(again.load).toEqual(plan.load);
    expect(again.matrix).toEqual({});
    expect(again.tags).toEqual({ team: 'web' });
  });

  it('is properties that the KPL’s import reads back as the same producer', () => {
    const plan = compile(SCENARIO);
    const text = kplProperties(scenarioData(plan), 'because');
    const { fields, notes } = importKplProperties(text);
    expect(notes).toEqual([]);
    const back = compile(
      `${MINIMAL}producer: { profile: kpl, import: kpl.properties }\n`,
      {},
      {
        files: { '/scenarios/kpl.properties': text },
      },
    );
    expect(back.producer).toEqual(plan.producer);
    expect(fields).toHaveLength(11);
  });

  it('says what the KPL cannot hold', () => {
    const off = parse(
      'producer: { profile: shardstorm, rateLimit: off, collection: { maxSize: 10B } }',
    );
    const text = kplProperties(off, 'because');
    expect(text).toContain('# Measured without a rate limit');
    expect(text).toContain('# Measured with the profile shardstorm');
    expect(text).toContain('# measured with 10; the KPL allows 52224');
    expect(text).toContain('CollectionMaxSize = 52224');
  });
});
