import type { Readable } from 'node:stream';
import type { TerminalSize } from '../../provider.ts';

/** Longest message about a terminal's size, in characters. */
const maxMessage = 1024;

/** Reads the sizes that a client reports, one JSON object after the other; stops at nonsense. */
export async function* terminalSizes(stream: Readable): AsyncGenerator<TerminalSize, void> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    for (;;) {
      const end = text.indexOf('}');
      if (end < 0) break;
      const size = parseTerminalSize(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size === undefined) return;
      yield size;
    }
    if (text.length > maxMessage) return;
  }
}

function parseTerminalSize(text: string): TerminalSize | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { Width: width, Height: height } = { Width: 0, Height: 0, ...value };
  return isSide(width) && isSide(height) ? { width, height } : undefined;
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffff;
}
