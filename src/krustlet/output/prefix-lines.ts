import type { LogChunk } from '../../kubelet/logs/log-printer.ts';

const newline = 0x0a;

/** Puts a prefix in front of every line, and ends a line that is not finished. */
export async function* prefixLines(
  log: AsyncIterable<LogChunk>,
  prefix: string,
): AsyncGenerator<LogChunk, void, undefined> {
  const open = { stdout: false, stderr: false };
  for await (const { stream, bytes } of log) {
    const lines = splitLines(Buffer.from(bytes)).map((line, index) =>
      index === 0 && open[stream] ? line : Buffer.concat([Buffer.from(prefix), line]),
    );
    open[stream] = bytes.at(-1) !== newline;
    yield { stream, bytes: Buffer.concat(lines) };
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    if (open[stream]) yield { stream, bytes: Buffer.from('\n') };
  }
}

/** Cuts after each newline. */
function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    const next = end < 0 ? bytes.length : end + 1;
    lines.push(bytes.subarray(start, next));
    start = next;
  }
  return lines;
}
