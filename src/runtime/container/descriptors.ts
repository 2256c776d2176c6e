import { closeSync, constants, openSync, readdirSync, readlinkSync } from 'node:fs';
import { closeRange, duplicateTo, lastDescriptor } from '../../wasi/libc/process.ts';
import { must } from '../sandbox/sandbox-error.ts';

/**
 * The descriptors through which other threads wake libuv's loop. V8 posts a task when it collects
 * garbage, and libuv aborts if it cannot write to them.
 */
export function wakeupDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => linkOf(fd)?.includes('[eventfd]'));
}

function linkOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    // the descriptor that listed the directory
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Closes every descriptor but 0 to 2 and `kept`. Those of `wakeups` stay open as /dev/null: what
 * is written to them must go nowhere, least of all to the process that was forked.
 */
export function closeAllDescriptorsBut(kept: readonly number[], wakeups: readonly number[]): void {
  silence(wakeups);
  const open = [...new Set([0, 1, 2, ...kept, ...wakeups])].sort((a, b) => a - b);
  for (const [index, fd] of open.entries()) {
    const next = open[index + 1] ?? lastDescriptor + 1;
    if (fd + 1 < next) must('close descriptors', closeRange(fd + 1, next - 1));
  }
}

function silence(wakeups: readonly number[]): void {
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  for (const fd of wakeups) must('silence a descriptor', duplicateTo(nowhere, fd));
  if (!wakeups.includes(nowhere)) closeSync(nowhere);
}
