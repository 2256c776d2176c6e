/** JavaScript Promise Integration, which the DOM types do not have yet. */
declare namespace WebAssembly {
  class Suspending {
    constructor(implementation: (...values: never[]) => unknown);
  }
  function promising(
    exported: (...values: never[]) => unknown,
  ): (...values: unknown[]) => Promise<unknown>;
}
