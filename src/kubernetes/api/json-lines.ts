/** A line grew beyond what the reader takes. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/**
 * Splits a stream of bytes into lines and parses each as JSON. Throws a `LineTooLongError` for a
 * line of more than `maxBytes`, so that a broken server cannot fill the memory, and a SyntaxError
 * for one that is not JSON. A last line without a line feed was cut off and is dropped.
 */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<unknown> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      pending.push(chunk.subarray(from, end));
      checkLength(pendingBytes + end - from, maxBytes);
      const line = Buffer.concat(pending).toString('utf8');
      pending = [];
      pendingBytes = 0;
      from = end + 1;
      if (line.trim() !== '') yield JSON.parse(line);
    }
    if (from === chunk.length) continue;
    pending.push(chunk.subarray(from));
    pendingBytes += chunk.length - from;
    checkLength(pendingBytes, maxBytes);
  }
}

function checkLength(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) {
    throw new LineTooLongError(`Cannot read a line of more than ${maxBytes} bytes`);
  }
}
