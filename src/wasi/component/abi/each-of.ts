/**
 * Does `act` with each of them, whatever it throws.
 *
 * @throws what `act` threw first, once it was done with all
 */
export function eachOf<T>(items: Iterable<T>, act: (item: T) => void): void {
  let failure: { readonly cause: unknown } | undefined;
  for (const item of items) {
    try {
      act(item);
    } catch (cause) {
      failure ??= { cause };
    }
  }
  if (failure !== undefined) throw failure.cause;
}
