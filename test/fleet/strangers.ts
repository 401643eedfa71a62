/** What a compiled schema does not know. */

/** The validate function of a schema: compiled, it looks at each property that the schema has, by name. */
type Validate = (data: unknown) => boolean;

/**
 * Paths of all properties in the data that the schema never looked at: a misspelt one is allowed by the published schemas of
 * Kubernetes, and ignored by the cluster. Throws where the data is not valid in other ways.
 */
export function strangersOf(validate: Validate, data: unknown): string[] {
  const unseen = new Set<string>();
  if (!validate(watched(data, '', unseen))) throw new Error('not valid by its schema');
  return [...unseen];
}

/** The data with every property noted until it is read. */
function watched(value: unknown, place: string, unseen: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  for (const [name, part] of Object.entries(value)) {
    const path = place === '' ? name : `${place}.${name}`;
    if (!Array.isArray(value)) unseen.add(path);
    const inner = watched(part, path, unseen);
    Object.defineProperty(copy, name, {
      enumerable: true,
      get: () => {
        unseen.delete(path);
        return inner;
      },
    });
  }
  return copy;
}
