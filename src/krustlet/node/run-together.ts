/** A part of the node that runs until its signal aborts. */
export type RunningPart = (options: { readonly signal: AbortSignal }) => Promise<void>;

/**
 * Runs parts until the signal aborts, or until one of them ends: that ends the others as well, as
 * half a node would look like a whole one.
 *
 * @throws what the first part failed with
 */
export async function runTogether(
  parts: readonly RunningPart[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const ending = new AbortController();
  const options = { signal: AbortSignal.any([ending.signal, ...(signal ? [signal] : [])]) };
  const failures: unknown[] = [];
  await Promise.all(
    parts.map(async (part) => {
      try {
        await part(options);
      } catch (error) {
        failures.push(error);
      } finally {
        ending.abort();
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
