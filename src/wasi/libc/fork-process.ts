import { getUint64 } from 'node:ffi';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';
import { systemCallNumbers } from './syscall-numbers.ts';

const cloneParent = 0x0000_8000n; // CLONE_PARENT
const cloneChildSetThreadId = 0x0100_0000n; // CLONE_CHILD_SETTID
const getThreadIdAddress = 40; // PR_GET_TID_ADDRESS

const threadId = threadIdAddress();
const flags = cloneParent | (threadId === 0n ? 0n : cloneChildSetThreadId);
const clone = BigInt(systemCallNumbers.clone);

/** Forks: 0 in the child, its pid in the parent, or a negated errno. */
export function forkProcess(): number {
  return callResult(libc.fork());
}

/**
 * Forks a child of this process's parent, which then reaps it. 0 in the child, its pid in this
 * process, or a negated errno. Only for a process with one thread: no handler of libc's runs.
 */
export function forkSiblingProcess(): number {
  // The kernel's two orders of the last two arguments differ, and the other one is not read.
  return callResult(libc.syscall(clone, flags, 0n, 0n, threadId, threadId, 0n));
}

/** Where libc keeps the id of the main thread; 0 where the kernel does not tell. */
function threadIdAddress(): bigint {
  const [pointer] = place(new Uint8Array(8));
  const result = libc.prctl(getThreadIdAddress, pointer, 0n, 0n, 0n);
  return result === 0 ? getUint64(pointer, 0) : 0n;
}
