/** The Prometheus text format 0.0.4: families of samples as text. Invariant: well formed whatever the labels hold. */

export type Labels = Readonly<Record<string, string>>;

/** One value; null: not measured, and left out. */
interface Sample {
  /** Behind the family's name: `_sum`, `_bucket` and the like. */
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number | null;
}

/** Samples of one name. */
export interface Family {
  /** Without the leading `shardstorm_`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** A sample of a family. @param suffix behind the family's name */
export function sample(value: number | null, labels: Labels = {}, suffix = ''): Sample {
  return { suffix, labels, value };
}

/** A family with one sample for each entry, told apart by one label. */
export function byLabel(
  head: Omit<Family, 'samples'>,
  label: string,
  values: Readonly<Record<string, number>>,
): Family {
  const samples = Object.entries(values).map(([key, value]) => sample(value, { [label]: key }));
  return { ...head, samples };
}

/** A family of one value. */
export function gauge(name: string, help: string, value: number | null): Family {
  return { name, type: 'gauge', help, samples: [sample(value)] };
}

/**
 * The same families of several scopes as one of each name, which the format asks for.
 * @param scopes labels of each scope and its families, the same ones in the same order in each
 */
export function joinScopes(
  scopes: readonly { readonly labels: Labels; readonly families: readonly Family[] }[],
): Family[] {
  const joined = new Map<string, Family>();
  for (const { labels, families } of scopes) {
    for (const family of families) {
      const own = family.samples.map((held) => ({
        ...held,
        labels: { ...labels, ...held.labels },
      }));
      const before = joined.get(family.name)?.samples ?? [];
      joined.set(family.name, { ...family, samples: [...before, ...own] });
    }
  }
  return [...joined.values()];
}

/** Renders families; values that were not measured are left out. Ends with a line break. */
export function expositionText(families: readonly Family[], common: Labels): string {
  return families.map((family) => familyText(family, common)).join('');
}

function familyText(family: Family, common: Labels): string {
  const name = `shardstorm_${family.name}`;
  const lines = family.samples.flatMap(({ suffix, labels, value }) =>
    value === null ? [] : [`${name}${suffix}${labelText({ ...common, ...labels })} ${value}\n`],
  );
  if (lines.length === 0) return '';
  return `# HELP ${name} ${family.help}\n# TYPE ${name} ${family.type}\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslash, quote and line break, as the format has it. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
