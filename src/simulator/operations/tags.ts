import { invalidArgument } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { ListMember, MapMember } from './member.ts';
import type { Output } from './operation.ts';

const TAGS_MAX = 50;

export const TAG_MAP: MapMember = { type: 'map', isRequired: true, lengthMin: 1, lengthMax: 200 };
export const TAG_KEYS: ListMember = {
  type: 'list',
  isRequired: true,
  lengthMin: 1,
  lengthMax: 50,
  of: { type: 'string', lengthMin: 1, lengthMax: 128 },
};

/** What carries tags. */
export interface Tagged {
  tags: Map<string, string>;
}

/** Letters, digits, white space and a few signs; `aws:` begins the service's own tags. */
const TAG_TEXT = /^(?!aws:)[\p{L}\p{N}\s_.:/=+\-%@]*$/u;

/** @throws ServiceError InvalidArgumentException */
function checkTexts(texts: readonly string[]): void {
  if (texts.every((text) => TAG_TEXT.test(text))) return;
  throw invalidArgument(
    'Some tags contain invalid characters. Valid characters: ' +
      'Unicode letters, digits, white space, _ . / = + - % @.',
  );
}

/** @throws ServiceError InvalidArgumentException past 50 tags, or for characters that are not allowed */
export function addTags(
  simulator: Simulator,
  resource: Tagged,
  name: string,
  tags: readonly (readonly [string, string])[],
): void {
  checkTexts(tags.flat());
  const all = new Map([...resource.tags, ...tags]);
  if (all.size > TAGS_MAX) {
    throw invalidArgument(
      `Failed to add tags to stream ${name} under account ${simulator.options.account} because a ` +
        `given stream cannot have more than ${TAGS_MAX} tags associated with it.`,
    );
  }
  resource.tags = all;
}

/** @throws ServiceError InvalidArgumentException for characters that are not allowed */
export function removeTags(resource: Tagged, keys: readonly string[]): void {
  checkTexts(keys);
  for (const key of keys) resource.tags.delete(key);
}

/** Tags in order of their keys. */
export function tagList(tags: ReadonlyMap<string, string>): readonly Output[] {
  return [...tags].sort(([a], [b]) => (a < b ? -1 : 1)).map(([Key, Value]) => ({ Key, Value }));
}
