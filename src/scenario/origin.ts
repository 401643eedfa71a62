/** What the file itself does not say. */
export interface ScenarioOrigin {
  readonly defaultName: string;
  readonly baseDirectory: string;
  /** The absolute path of a file that the scenario names. */
  readonly absolute: (file: string) => string;
  /** Mean bytes of a line of a payload file; null where it cannot be told. */
  readonly meanLineBytes: (file: string) => number | null;
}
