import path from 'node:path';
import { UnpackedImages } from '../../kubelet/images/unpacked-images.ts';
import { memoryDirectory } from '../../kubelet/pods/memory-directory.ts';
import { nearestName } from '../../kubelet/pods/nearest-name.ts';
import { PodDirectories } from '../../kubelet/pods/pod-directories.ts';
import { localModulePath } from '../../oci/reference/local-module.ts';
import { parseReference } from '../../oci/reference/parse-reference.ts';
import { formatReference } from '../../oci/reference/reference.ts';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { openImageStore } from './image-store.ts';

/** Removes images by name and says how much space that freed. */
export async function removeImages(
  invocation: Invocation,
  references: readonly string[],
  options: CommonOptions,
): Promise<void> {
  const dataDir = invocation.dataDir(options);
  const store = await openImageStore(dataDir);
  const known = (await store.list()).map(({ name }) => name);
  const names = references.map(fullName);
  for (const name of names) {
    if (!known.includes(name)) throw unknownImage(name, known);
  }
  const removal = await store.remove(names);
  for (const { name } of removal.images) invocation.print(`${name}\n`);
  const unpacked = new UnpackedImages({
    store,
    directories: new PodDirectories(dataDir, { memory: memoryDirectory(dataDir) }),
    directory: path.join(dataDir, 'images', 'unpacked'),
  });
  const freed = removal.freedBytes + (await unpacked.collectGarbage({ isShort: false }));
  invocation.tell(`Freed ${formatBytes(freed)}`);
}

function fullName(reference: string): string {
  const isLocal = localModulePath(reference) !== undefined;
  return isLocal ? reference : formatReference(parseReference(reference));
}

function unknownImage(name: string, known: readonly string[]): UserError {
  const near = nearestName(name, known);
  const hint = near === undefined ? "see 'krustlet images'" : `did you mean '${near}'?`;
  return new UserError(`removing '${name}' failed: there is no such image; ${hint}`);
}
