/** What the command line changes in a scenario, as changes of fields, so that one validation covers both. */

import { parse } from 'yaml';
import { describeCause } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { FieldPath } from './problems.ts';

/** The shared flags that concern the scenario. Quantities are text with a unit, as in the file. */
export interface ScenarioOverrides {
  /** `path=value`, the value in YAML: `load.phases.hold.rate=5000/s`. */
  readonly set?: readonly string[];
  /** A target's kind, or the URL of an endpoint. */
  readonly target?: string;
  readonly workers?: string | number;
  /** Length of the measured phases together. */
  readonly duration?: string;
  /** The highest rate of all phases; their shape stays. */
  readonly rate?: string;
  readonly seed?: string | number;
  /** `key=value`. */
  readonly tags?: readonly string[];
  /** Expressions, added to the scenario's. */
  readonly thresholds?: readonly string[];
  readonly maxCost?: string | number;
}

/** A field, its new value, and the words on the command line that ask for it. */
export interface FieldChange {
  readonly path: FieldPath;
  readonly value: unknown;
  readonly flag: string;
}

/** A flag that cannot be read. */
export interface FlagProblem {
  readonly flag: string;
  readonly message: string;
}

/** The changes that the flags ask for, in order: `--set` last, so that it wins. */
export function fieldChanges(overrides: ScenarioOverrides): (FieldChange | FlagProblem)[] {
  const changes: (FieldChange | FlagProblem)[] = [];
  if (overrides.target !== undefined) changes.push(...targetChanges(overrides.target));
  const numbers = [
    ['workers', overrides.workers, ['load', 'workers']],
    ['seed', overrides.seed, ['load', 'seed']],
    ['max-cost', overrides.maxCost, ['cost', 'maxUsd']],
  ] as const;
  for (const [name, given, path] of numbers) {
    if (given === undefined) continue;
    const number = Number(given);
    const value = String(given).trim() === '' || Number.isNaN(number) ? given : number;
    changes.push({ path, value, flag: `--${name} ${given}` });
  }
  for (const expression of overrides.thresholds ?? []) {
    changes.push({
      path: ['thresholds', APPEND],
      value: expression,
      flag: `--threshold "${expression}"`,
    });
  }
  for (const tag of overrides.tags ?? []) changes.push(tagChange(tag));
  for (const assignment of overrides.set ?? []) changes.push(setChange(assignment));
  return changes;
}

/** As a list index: behind the last item. */
const APPEND = '+';

function targetChanges(target: string): FieldChange[] {
  const flag = `--target ${target.replace(/\/\/[^/@]*@/, '//…@')}`;
  const isUrl = target.includes('://');
  return [
    { path: ['target', 'kind'], value: isUrl ? 'endpoint' : target, flag },
    // Another kind of target than the file's: its endpoint is not meant.
    { path: ['target', 'endpoint'], value: isUrl ? target : undefined, flag },
  ];
}

function tagChange(tag: string): FieldChange | FlagProblem {
  const at = tag.indexOf('=');
  const flag = `--tag ${tag}`;
  if (at < 1) return { flag, message: 'expected key=value, such as --tag branch=main' };
  return { path: ['tags', tag.slice(0, at)], value: tag.slice(at + 1), flag };
}

function setChange(assignment: string): FieldChange | FlagProblem {
  const at = assignment.indexOf('=');
  const flag = `--set ${assignment}`;
  if (at < 1) {
    return { flag, message: 'expected path=value, such as --set load.seed=7' };
  }
  const path = assignment
    .slice(0, at)
    .trim()
    .replaceAll(/\[(\w+)\]/g, '.$1')
    .split('.');
  if (path.includes('')) return { flag, message: 'a name in the path is empty' };
  try {
    return { path, value: parse(assignment.slice(at + 1)), flag };
  } catch (thrown) {
    return { flag, message: `the value is not YAML: ${describeCause(thrown).split('\n')[0]}` };
  }
}

/**
 * Changes a field of plain data in place; sections on the way are made where missing. A list's item is named by its
 * number or by its field `name`.
 * @returns the path as numbers and names, or `{ flag, message }` when there is no such place
 */
export function applyChange(
  data: Record<string, unknown>,
  { path, value, flag }: FieldChange,
): FieldPath | FlagProblem {
  const walked: (string | number)[] = [];
  let parent: unknown = data;
  for (const [depth, part] of path.entries()) {
    const key = Array.isArray(parent) ? itemIndex(parent, String(part)) : String(part);
    const missing = missingPlace(parent, part, key, walked);
    if (missing !== null) return { flag, message: missing };
    walked.push(key);
    const holder = parent as Record<string | number, unknown>;
    if (depth === path.length - 1) {
      if (value === undefined) delete holder[key];
      else holder[key] = value;
    } else {
      const held = Object.hasOwn(holder, key) ? holder[key] : undefined;
      // The only list that is made by a flag is the one of thresholds.
      holder[key] = held ?? (path[depth + 1] === APPEND ? [] : {});
      parent = holder[key];
    }
  }
  return walked;
}

function itemIndex(items: readonly unknown[], part: string): number {
  if (part === APPEND) return items.length;
  if (/^\d+$/.test(part)) return Number(part);
  return items.findIndex((item) => itemName(item) === part);
}

function itemName(item: unknown): string {
  const name = (item as { readonly name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : '';
}

function missingPlace(
  parent: unknown,
  part: string | number,
  key: string | number,
  walked: FieldPath,
): string | null {
  const place = walked.length === 0 ? 'the scenario' : walked.join('.');
  if (Array.isArray(parent)) {
    if (part === APPEND || (Number(key) >= 0 && Number(key) < parent.length)) return null;
    const names = parent.map(itemName).filter((name) => name !== '');
    const suggestion = didYouMean(String(part), names);
    const numbers = `${place} is a list with the items 0 to ${parent.length - 1}`;
    return `no item "${part}"${suggestion || ';'} ${numbers}`;
  }
  if (typeof parent !== 'object' || parent === null) {
    return `${place} is ${JSON.stringify(parent)}, not a section with fields`;
  }
  return part === '__proto__' ? 'no such field' : null;
}
