import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../src/kinesis/faults.ts';
import { scenarioJsonSchema } from '../../src/scenario/json-schema.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly string[];
  readonly type?: string;
  readonly description?: string;
}

/** Every section in the schema with its own list of fields. */
function sections(node: Node): Node[] {
  const below = [
    ...Object.values(node.properties ?? {}),
    ...(node.items === undefined ? [] : [node.items]),
    ...(node.anyOf ?? []),
  ].flatMap(sections);
  return node.properties === undefined ? below : [node, ...below];
}

describe('the JSON Schema of a scenario', () => {
  const schema = scenarioJsonSchema() as Node;

  it('describes what people write, not what it becomes', () => {
    const phase = schema.properties?.['load']?.properties?.['phases']?.items;
    expect(phase?.properties?.['duration']).toMatchObject({ type: 'string', examples: ['10s'] });
    expect(schema.required).toEqual(['version', 'load', 'records']);
  });

  it('allows no unknown field in any section', () => {
    const found = sections(schema);
    expect(found.length).toBeGreaterThan(20);
    for (const section of found) expect(section.additionalProperties).toBe(false);
  });

  it('lists the faults that the simulator knows', () => {
    const simulator = schema.properties?.['target']?.properties?.['simulator'];
    expect(simulator?.properties?.['faults']?.items?.properties?.['kind']?.enum).toEqual(
      FAULT_KINDS,
    );
  });
});
