/** What a module may do to itself that no reset undoes. */
export type UnresettableReason =
  | 'table-write'
  | 'segment-drop'
  | 'memory-init'
  | 'atomics'
  | 'garbage-collection'
  | 'several-memories'
  | 'shared-memory'
  | 'memory64'
  | 'unreadable-global'
  | 'shared-growth'
  | 'reserved-name'
  | 'unknown-instruction';

/** Thrown by the rewriter: every request to this module needs an instance of its own. */
export class UnresettableModule extends Error {
  override readonly name = 'UnresettableModule';
  readonly code: UnresettableReason;

  constructor(code: UnresettableReason, detail: string) {
    super(`Cannot reset instances of the module: ${detail}`);
    this.code = code;
  }
}
