import type { Readable } from 'node:stream';

const maxLine = 64 * 1024;

/**
 * Reads one line, without its end, and leaves the stream open. `undefined` where the stream ends
 * before the line does.
 *
 * @throws the signal's reason, the stream's error, or one for a line over 64 KiB
 */
export async function readLine(
  stream: Readable,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string | undefined> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  let text = '';
  const onData = (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end >= 0) resolve(text.slice(0, end));
    else if (text.length > maxLine) reject(new Error('Cannot read a line: too long'));
  };
  const onEnd = () => resolve(undefined);
  const onAbort = () => reject(signal?.reason);
  stream
    .setEncoding('utf8')
    .on('data', onData)
    .on('end', onEnd)
    .on('close', onEnd)
    .on('error', reject);
  signal?.addEventListener('abort', onAbort);
  try {
    return await promise;
  } finally {
    stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', reject);
    signal?.removeEventListener('abort', onAbort);
  }
}
