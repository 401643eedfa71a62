/** Fields of a scenario that say nothing about what was measured. */
const NOT_SETTINGS =
  /^(version|name|description|tags|matrix|variants|blocks|primary|margin|cost|thresholds|load\.seed)(\.|$)/;

/** A scenario as paths and texts, `producer.maxBufferedTime` → `100ms`: only what makes one measurement unlike another. */
export function flatSettings(scenario: unknown): Map<string, string> {
  const flat = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value);
      if (entries.length === 0) flat.set(path, Array.isArray(value) ? '[]' : '{}');
      for (const [key, held] of entries) walk(held, path === '' ? key : `${path}.${key}`);
    } else {
      flat.set(path, String(value));
    }
  };
  walk(scenario, '');
  for (const path of flat.keys()) if (NOT_SETTINGS.test(path)) flat.delete(path);
  return flat;
}
