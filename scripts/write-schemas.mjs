// Writes the JSON Schema of each file format to schema/, from the code that reads or writes the format. Run by build.mjs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** File, module under dist/src, function that returns the schema. */
const SCHEMAS = [
  ['scenario.schema.json', 'scenario/json-schema.js', 'scenarioJsonSchema'],
  ['summary.schema.json', 'results/schema.js', 'summaryJsonSchema'],
  ['timeline.schema.json', 'results/schema.js', 'timelineJsonSchema'],
  ['event.schema.json', 'results/schema.js', 'eventJsonSchema'],
  ['delivery.schema.json', 'results/delivery.js', 'deliveryJsonSchema'],
  ['verification.schema.json', 'results/verification.js', 'verificationJsonSchema'],
  ['share.schema.json', 'results/schema.js', 'shareJsonSchema'],
  ['environment.schema.json', 'results/schema.js', 'environmentJsonSchema'],
  ['night.schema.json', 'results/history.js', 'nightJsonSchema'],
  ['comparison.schema.json', 'report/comparison/schema.js', 'comparisonJsonSchema'],
  ['sweep.schema.json', 'cli/sweep-file.js', 'sweepJsonSchema'],
  ['tags.schema.json', 'results/tags.js', 'tagsJsonSchema'],
  ['tagged.schema.json', 'cli/tag-schema.js', 'taggedJsonSchema'],
  ['prune.schema.json', 'cli/prune-schema.js', 'pruneJsonSchema'],
  ['inspection.schema.json', 'cli/inspect-schema.js', 'inspectionJsonSchema'],
  ['list.schema.json', 'cli/list-schema.js', 'listJsonSchema'],
  ['gate.schema.json', 'report/gate/schema.js', 'gateJsonSchema'],
  ['plan.schema.json', 'cli/plan-schema.js', 'planJsonSchema'],
  ['capacity.schema.json', 'cli/capacity-schema.js', 'capacityJsonSchema'],
  ['calibration.schema.json', 'cli/calibration.js', 'calibrationJsonSchema'],
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
mkdirSync(join(root, 'schema'), { recursive: true });
for (const [file, module, name] of SCHEMAS) {
  const { [name]: schema } = await import(new URL(`../dist/src/${module}`, import.meta.url).href);
  writeFileSync(join(root, 'schema', file), `${JSON.stringify(schema(), null, 2)}\n`);
}
