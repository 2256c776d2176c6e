import { once } from 'node:events';
import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { type Pack, pack } from 'tar-stream';

/**
 * A tar archive of all that is below a folder. The same files give the same bytes: sorted, of root,
 * of no time, and with no more of their modes than whether they can be run.
 */
export function treeArchive(folder: string): Readable {
  const archive = pack();
  addAll(archive, folder).catch((error) => archive.destroy(error));
  return Readable.from(archive as AsyncIterable<Uint8Array>, { objectMode: false });
}

async function addAll(archive: Pack, folder: string): Promise<void> {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    await add(archive, name, path.join(folder, name));
  }
  archive.finalize();
}

async function add(archive: Pack, name: string, file: string): Promise<void> {
  const stat = lstatSync(file);
  const common = { name, mtime: new Date(0), uid: 0, gid: 0, mode: 0o755 };
  if (stat.isDirectory()) {
    archive.entry({ ...common, type: 'directory' });
  } else if (stat.isSymbolicLink()) {
    archive.entry({ ...common, type: 'symlink', linkname: readlinkSync(file), mode: 0o777 });
  } else {
    const mode = (stat.mode & 0o111) === 0 ? 0o644 : 0o755;
    const entry = archive.entry({ ...common, type: 'file', size: stat.size, mode });
    for await (const chunk of createReadStream(file)) {
      if (!entry.write(chunk)) await once(entry, 'drain');
    }
    const finished = once(entry, 'finish');
    entry.end(undefined);
    await finished;
  }
}
