import type { AbortOptions } from '../abort-options.ts';
import { OciError } from '../errors.ts';

/**
 * Runs an operation that must end in time, however steadily the other side drips.
 *
 * @param action What is done, for the error.
 * @throws OciError `RegistryUnavailable` when the time is over.
 */
export async function withDeadline<T>(
  milliseconds: number,
  action: string,
  operation: (options: { signal: AbortSignal }) => Promise<T>,
  { signal }: AbortOptions = {},
): Promise<T> {
  const deadline = AbortSignal.timeout(milliseconds);
  try {
    return await operation({
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.aborted) throw error;
    const seconds = Math.ceil(milliseconds / 1000);
    throw new OciError('RegistryUnavailable', `${action}: no complete answer within ${seconds} s`);
  }
}
