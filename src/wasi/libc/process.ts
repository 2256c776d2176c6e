import { getInt32 } from 'node:ffi';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

/* Each function answers as the system call does: a number from 0, or a negated errno. */

/** How a process ended. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: number };

/** Ends the process at once: no JavaScript, no library's cleanup runs after it. */
export function exitNow(code: number): never {
  libc._exit(code);
  throw new Error('Cannot return from _exit');
}

/** The real process id; `process.pid` is the parent's in a forked child. */
export function processId(): number {
  return libc.getpid();
}

/** Starts a session and a process group, both named by the process id. */
export function startSession(): number {
  return callResult(libc.setsid());
}

/** Sends a signal to a process, or to a process group where `pid` is negative. */
export function sendSignal(pid: number, signal: number): number {
  return callResult(libc.kill(pid, signal));
}

const doNotBlock = 1; // WNOHANG

/**
 * Reaps one child.
 *
 * @returns its end, `running`, or a negated errno (-ECHILD where it is no child of ours)
 */
export function reapChild(pid: number): ProcessEnd | 'running' | number {
  const [status] = place(new Uint8Array(4));
  const result = callResult(libc.waitpid(pid, status, doNotBlock));
  if (result === 0) return 'running';
  return result < 0 ? result : processEnd(getInt32(status, 0));
}

function processEnd(status: number): ProcessEnd {
  const signal = status & 0x7f;
  return signal === 0
    ? { kind: 'exited', code: (status >> 8) & 0xff }
    : { kind: 'signaled', signal };
}

const duplicateAtLeast = 1030; // F_DUPFD_CLOEXEC
const firstFreeDescriptor = 3n;

/** Makes a copy of `fd`, above the standard descriptors, that closes on exec. */
export function duplicate(fd: number): number {
  return callResult(libc.fcntl(fd, duplicateAtLeast, firstFreeDescriptor));
}

/** Makes `target` a copy of `fd`, closing what it was. */
export function duplicateTo(fd: number, target: number): number {
  return callResult(libc.dup2(fd, target));
}

const duplicateInheritable = 0; // F_DUPFD
const firstInheritable = 100n;

/** Makes a copy of `fd`, from 100 on, that the next program has too. */
export function duplicateForExec(fd: number): number {
  return callResult(libc.fcntl(fd, duplicateInheritable, firstInheritable));
}

const onExec = 4; // CLOSE_RANGE_CLOEXEC

/** Keeps from the next program what lies between the standard descriptors and the inheritable ones. */
export function closeOthersOnExec(): number {
  return closeRangeOnExec(Number(firstFreeDescriptor), Number(firstInheritable) - 1);
}

/**
 * Keeps the descriptors from `first` to `last` from the next program. -EINVAL or -ENOSYS where the
 * kernel is older than 5.11.
 */
export function closeRangeOnExec(first: number, last: number): number {
  return callResult(libc.close_range(first, last, onExec));
}

const setDescriptorFlags = 2; // F_SETFD
const closeOnExecFlag = 1n; // FD_CLOEXEC

/** Keeps a descriptor from the next program. */
export function closeOnExec(fd: number): number {
  return callResult(libc.fcntl(fd, setDescriptorFlags, closeOnExecFlag));
}

/** Closes the descriptors from `first` to `last`, both included. */
export function closeRange(first: number, last: number): number {
  return callResult(libc.close_range(first, last, 0));
}

export const lastDescriptor = 0xffff_ffff;
