import { expect, it } from 'vitest';
import { calibrationJsonSchema } from '../../src/cli/calibration.ts';
import { capacityJsonSchema } from '../../src/cli/capacity-schema.ts';
import { inspectionJsonSchema } from '../../src/cli/inspect-schema.ts';
import { planJsonSchema } from '../../src/cli/plan-schema.ts';
import { pruneJsonSchema } from '../../src/cli/prune-schema.ts';
import { taggedJsonSchema } from '../../src/cli/tag-schema.ts';
import { gateJsonSchema } from '../../src/report/gate/schema.ts';

it.each([
  ['calibration', calibrationJsonSchema],
  ['capacity', capacityJsonSchema],
  ['plan', planJsonSchema],
  ['gate', gateJsonSchema],
  ['tagged', taggedJsonSchema],
  ['prune', pruneJsonSchema],
  ['inspection', inspectionJsonSchema],
])('the schema of %s has its own address and version', (name, schema) => {
  expect(schema()).toMatchObject({
    $id: `https://unpkg.com/shardstorm/schema/${name}.schema.json`,
    properties: { schema: { const: `shardstorm.${name}/1` } },
  });
});
