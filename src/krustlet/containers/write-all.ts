import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes bytes and waits until the other side takes more; rejects where it is gone. */
export async function writeAll(stream: Writable, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.write(bytes)) return;
  await once(stream, 'drain');
}
