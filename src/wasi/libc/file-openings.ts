import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { cString, place } from './struct-page.ts';

const closeOnExec = 0o2000000; // IN_CLOEXEC
const opened = 0x20; // IN_OPEN

/**
 * Watches who opens a file: the descriptor has something to read once somebody did. A negated
 * errno where that cannot be watched.
 */
export function watchOpenings(path: string): number {
  const fd = callResult(libc.inotify_init1(closeOnExec));
  if (fd < 0) return fd;
  const [pointer] = place(cString(path));
  const result = callResult(libc.inotify_add_watch(fd, pointer, opened));
  if (result >= 0) return fd;
  libc.close(fd);
  return result;
}
