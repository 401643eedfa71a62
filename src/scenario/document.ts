import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { FieldPath } from './problems.ts';

/** A scenario file as read: plain data, and where each field stands. */
export interface ScenarioDocument {
  readonly data: unknown;
  /** `file:line:column` of a field, or of the nearest section around it that is in the file. */
  find(path: FieldPath): { readonly place: string; readonly isExact: boolean };
}

/**
 * Reads YAML 1.2, of which JSON is a part.
 * @param file as it is shown in messages
 * @throws SHARDSTORM_SCENARIO_SYNTAX with every error's line and column
 */
export function readDocument(text: string, file: string): ScenarioDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const errors = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message = `alias *${alias.source} names no anchor above it`;
      errors.push({ offset: alias.range?.[0] ?? 0, message });
    },
  });
  if (errors.length > 0) {
    const found = errors.map(({ offset, message }) => `${placeAt(offset)}: ${message}`);
    throw new ShardstormError('SHARDSTORM_SCENARIO_SYNTAX', found.join('\n'), {
      hint: 'A scenario is YAML or JSON; check indentation, quotes and brackets at that place.',
    });
  }
  const start = (node: Node) => node.range?.[0] ?? 0;
  return {
    data: plainData(document, file),
    find(path) {
      let node: Node | null = document.contents;
      let offset = node === null ? 0 : start(node);
      for (const part of path) {
        if (isAlias(node)) node = node.resolve(document) ?? null;
        const next = child(node, part);
        if (next === null) return { place: placeAt(offset), isExact: false };
        offset = start(next.key);
        node = next.value;
      }
      return { place: placeAt(offset), isExact: true };
    },
  };
}

function plainData(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS();
  } catch (thrown) {
    throw new ShardstormError('SHARDSTORM_SCENARIO_SYNTAX', `${file}: ${describeCause(thrown)}`, {
      hint: 'Aliases may be repeated 100 times at most.',
      cause: thrown,
    });
  }
}

/** A field of a mapping (its key and value) or an item of a list (twice the item). */
function child(
  node: Node | null,
  part: string | number,
): { readonly key: Node; readonly value: Node | null } | null {
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    return pair === undefined ? null : { key: pair.key, value: pair.value };
  }
  if (isSeq<Node>(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? null : { key: item, value: item };
  }
  return null;
}
