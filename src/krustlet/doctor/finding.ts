/** What one look at the machine gave. */
export interface Finding {
  readonly part: string;
  /** `missing` parts refuse containers or features; `limited` ones cost something. */
  readonly state: 'ok' | 'limited' | 'missing';
  readonly found: string;
  /** What is lost, where the state is not `ok`. */
  readonly cost?: string;
}
