import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';

export interface TarEntry {
  readonly name: string;
  /** @default 'file' */
  readonly type?: Header['type'];
  readonly content?: string | Buffer;
  readonly linkname?: string;
  readonly mode?: number;
}

/** A tar archive of whatever entries a test thinks of, sound or not. */
export async function tarArchive(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', type = 'file', ...header } of entries) {
    const bytes = Buffer.from(content);
    archive.entry({ ...header, type, size: type === 'file' ? bytes.length : 0 }, bytes);
  }
  archive.finalize();
  return await buffer(Readable.from(archive as AsyncIterable<Buffer>));
}
