import { fileAccess } from '../../wasi/libc/landlock.ts';

const readFile = fileAccess.readFile;
const writeFile = fileAccess.writeFile | fileAccess.truncate;
const readTree = readFile | fileAccess.readDirectory;
/** Everything that WASI has a function for: no devices, sockets or pipes are made. */
const changeTree =
  writeFile |
  fileAccess.makeRegularFile |
  fileAccess.makeDirectory |
  fileAccess.makeSymbolicLink |
  fileAccess.removeFile |
  fileAccess.removeDirectory |
  fileAccess.refer;

/** Rights to a mounted file or directory, and to nothing that is not a mount. */
export function mountAccess(mount: { isDirectory: boolean; readOnly: boolean }): bigint {
  if (mount.isDirectory) return mount.readOnly ? readTree : readTree | changeTree;
  return mount.readOnly ? readFile : readFile | writeFile;
}

/**
 * Rights to the directory of the container's log: to write, to rotate and to drop old files, but
 * not to read, and not to make links that would lead its readers elsewhere.
 */
export const logDirectoryAccess = writeFile | fileAccess.makeRegularFile | fileAccess.removeFile;
