import { closeSync, constants, openSync, readdirSync, readlinkSync } from 'node:fs';
import {
  closeOnExec,
  closeRange,
  closeRangeOnExec,
  duplicateTo,
  lastDescriptor,
} from '../../wasi/libc/process.ts';
import { must } from '../sandbox/sandbox-error.ts';

const standardDescriptors = 3;
const ebadf = 9;
const einval = 22;
const enosys = 38;

/**
 * The descriptors that libuv has made itself, in a process that has opened none yet. Through some
 * of them other threads wake its loops: V8 posts a task when it collects garbage, and libuv aborts
 * if it cannot write to them. Others it closes when the loop is renewed, by number, whatever that
 * means by then.
 */
export function libuvDescriptors(): number[] {
  return [...openDescriptors()]
    .filter(([fd, link]) => fd >= standardDescriptors && /^(pipe:|anon_inode:)/.test(link))
    .map(([fd]) => fd);
}

/** What each open descriptor leads to. */
export function openDescriptors(): Map<number, string> {
  const found = readdirSync('/proc/self/fd').map((fd) => [Number(fd), linkOf(fd)] as const);
  return new Map(found.flatMap(([fd, link]) => (link === undefined ? [] : [[fd, link]])));
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    // the descriptor that listed the directory
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Closes every descriptor but 0 to 2 and `kept`. 0, 1 and those of `silenced` stay open as
 * /dev/null, unless they are kept: what is written to them must go nowhere, least of all to the process that
 * was forked.
 */
export function closeAllDescriptorsBut(kept: readonly number[], silenced: readonly number[]): void {
  silence([0, 1, ...silenced.filter((fd) => !kept.includes(fd))]);
  const open = [...new Set([0, 1, 2, ...kept, ...silenced])].sort((a, b) => a - b);
  for (const [index, fd] of open.entries()) {
    const next = open[index + 1] ?? lastDescriptor + 1;
    if (fd + 1 < next) must('close descriptors', closeRange(fd + 1, next - 1));
  }
}

function silence(fds: readonly number[]): void {
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  for (const fd of fds) must('silence a descriptor', duplicateTo(nowhere, fd));
  if (!fds.includes(nowhere)) closeSync(nowhere);
}

/**
 * Keeps from programs that this process starts, or becomes, all that it has open now but its standard
 * streams. Node makes its own descriptors so, but not those that it was started with.
 */
export function closeAllOnExec(): void {
  const result = closeRangeOnExec(standardDescriptors, lastDescriptor);
  if (result !== -einval && result !== -enosys) must('close descriptors on exec', result);
  else closeEachOnExec();
}

/** For kernels that take no ranges. Other threads may close theirs meanwhile. */
function closeEachOnExec(): void {
  for (const fd of openDescriptors().keys()) {
    if (fd < standardDescriptors) continue;
    const result = closeOnExec(fd);
    if (result !== -ebadf) must('close a descriptor on exec', result);
  }
}
