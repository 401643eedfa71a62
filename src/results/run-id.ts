/** Characters of the scenario's name that an id keeps; the rest becomes `-`. */
const NAME_CHARACTERS_MAX = 60;

/**
 * `20261123T134205Z-clickstream-a1b2c3`: sorts by time, safe as a folder name everywhere.
 * @param startedMs Unix time
 * @param entropy 24 random bits, so that two runs of one second differ
 */
export function makeRunId(startedMs: number, scenario: string, entropy: number): string {
  const time = new Date(startedMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  const name = scenario
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_CHARACTERS_MAX)
    .replace(/^-+|-+$/g, '');
  const random = (entropy & 0xff_ffff).toString(16).padStart(6, '0');
  return `${time}-${name === '' ? 'run' : name}-${random}`;
}
