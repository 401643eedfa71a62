/**
 * Files of earlier versions, brought to the present form. In: parsed JSON of any version. Out: the same in the form that
 * schema.ts checks. Steps run in order, each from one form to the next, so that an old file goes through all of them; none
 * ever changes a figure. A field that was added later and is optional needs no step.
 */
import { ShardstormError } from '../core/errors.ts';

type Json = Readonly<Record<string, unknown>>;

/** From one form to the next. */
interface Step {
  readonly appliesTo: (file: Json) => boolean;
  readonly upgrade: (file: Json) => Json;
}

/** Of summary.json, oldest first. */
const SUMMARY_STEPS: readonly Step[] = [
  {
    // Before 2026-11-23 14:43 a run was valid or not, and strain was told by `generator.saturated` alone.
    appliesTo: (file) => file['schema'] === 'shardstorm.summary/1' && file['verdict'] === undefined,
    upgrade: (file) => ({ ...file, verdict: verdictOf(file) }),
  },
];

function verdictOf(file: Json): 'valid' | 'suspect' | 'invalid' {
  if (file['valid'] !== true) return 'invalid';
  const generator = file['generator'];
  const isStrained = isJson(generator) && generator['saturated'] === true;
  return isStrained ? 'suspect' : 'valid';
}

/** summary.json of any version in the present form; anything that is no summary is left as it is. */
export function migrateSummary(file: unknown): unknown {
  if (!isJson(file)) return file;
  refuseNewer(file['schema'], 'shardstorm.summary', 1);
  return SUMMARY_STEPS.reduce(
    (held, step) => (step.appliesTo(held) ? step.upgrade(held) : held),
    file,
  );
}

/** @throws SHARDSTORM_RESULTS_UNREADABLE: a version that did not exist when this one was written */
function refuseNewer(schema: unknown, name: string, newest: number): void {
  const [, family, version] = /^(.+)\/(\d+)$/.exec(String(schema)) ?? [];
  if (family !== name || Number(version) <= newest) return;
  throw new ShardstormError(
    'SHARDSTORM_RESULTS_UNREADABLE',
    `its schema ${String(schema)} was written by a newer version of Shardstorm; this one reads up to ${name}/${newest}`,
    { hint: 'Update Shardstorm: npm install shardstorm@latest.' },
  );
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
