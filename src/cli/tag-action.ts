import { resolve } from 'node:path';
import { plain } from '../report/terminal/paint.ts';
import { readSummary } from '../results/read.ts';
import { BASELINE_TAG, changeTags, tagsOf } from '../results/tags.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, texts } from './flags.ts';
import type { TaggedDocument } from './tag-schema.ts';

export async function tagResults(args: Arguments, io: CommandIo): Promise<number> {
  const changes: Record<string, string | null> = {};
  for (const word of texts(args, 'set') ?? []) {
    const at = word.indexOf('=');
    if (at < 1) throw usageError(`--set ${word}: expected key=value`, 'Such as --set branch=main.');
    changes[word.slice(0, at)] = word.slice(at + 1);
  }
  for (const key of texts(args, 'remove') ?? []) changes[key] = null;
  if (isOn(args, 'baseline')) changes[BASELINE_TAG] = 'true';
  if (Object.keys(changes).length === 0) {
    throw usageError('no tag is given', 'Give --set key=value, --remove key or --baseline.');
  }
  const results: TaggedDocument['results'] = [];
  for (const folder of texts(args, 'result') ?? []) {
    // Read first: a tag on what is no result helps nobody.
    const { run } = readSummary(folder);
    changeTags(folder, changes);
    const tags = tagsOf(folder, run.tags);
    results.push({ id: run.id, path: resolve(folder), tags: { ...tags } });
    if (isOn(args, 'json')) continue;
    const words = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
    io.stdout.write(`${plain(`${run.id}  ${words.join(' ') || 'no tags'}`)}\n`);
  }
  if (isOn(args, 'json')) {
    const document: TaggedDocument = { schema: 'shardstorm.tagged/1', results };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return EXIT.ok;
}
