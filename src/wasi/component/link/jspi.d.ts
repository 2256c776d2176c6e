/** JavaScript Promise Integration and the tag of JavaScript's exceptions, which the DOM types do not have yet. */
// biome-ignore lint/style/noNamespace: the name that the platform has is a namespace
declare namespace WebAssembly {
  class Suspending {
    constructor(implementation: (...values: never[]) => unknown);
  }
  const JSTag: object;
  function promising(
    exported: (...values: never[]) => unknown,
  ): (...values: unknown[]) => Promise<unknown>;
}
