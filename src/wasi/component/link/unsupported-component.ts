/** What keeps a valid component from being linked here. */
export type UnsupportedReason =
  | 'asynchronous-abi'
  | 'component-import'
  | 'core-module-import'
  | 'memory64'
  | 'too-large'
  | 'unresolved-index';

/** Thrown where a component is valid, or may be, but of a shape that the linker does not take. */
export class UnsupportedComponent extends Error {
  override readonly name = 'UnsupportedComponent';
  readonly code: UnsupportedReason;

  constructor(code: UnsupportedReason, detail: string) {
    super(`Cannot link the component: ${detail}`);
    this.code = code;
  }
}
