/**
 * A checked input: server/validate.ts has proved types and constraints, so a member is absent or of its type. Blobs are
 * bytes and times milliseconds, whatever the protocol.
 */
export class Input {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** A member that the description requires. */
  requiredText(name: string): string {
    return this.text(name) ?? '';
  }

  integer(name: string): number | undefined {
    const value = this.#values[name];
    return typeof value === 'number' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  blob(name: string): Uint8Array {
    const value = this.#values[name];
    return value instanceof Uint8Array ? value : new Uint8Array(0);
  }

  /** Unix milliseconds. */
  timeMs(name: string): number | undefined {
    return this.integer(name);
  }

  structure(name: string): Input | undefined {
    const value = this.#values[name];
    return isRecord(value) ? new Input(value) : undefined;
  }

  structures(name: string): Input[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter(isRecord).map((item) => new Input(item)) : [];
  }

  texts(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  /** A map of texts, in its order. */
  textMap(name: string): [string, string][] {
    const value = this.#values[name];
    if (!isRecord(value)) return [];
    return Object.entries(value).map(([key, item]) => [key, String(item)]);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}
