import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';
import { systemCallNumbers } from './syscall-numbers.ts';

const prSetNoNewPrivs = 38;
const setModeFilter = 1n;
const allThreads = 1n; // SECCOMP_FILTER_FLAG_TSYNC
const instructionBytes = 8;

/** Gives up for good what executing a set-user-id file would grant. 0 or a negated errno. */
export function setNoNewPrivileges(): number {
  return callResult(libc.prctl(prSetNoNewPrivs, 1n, 0n, 0n, 0n));
}

/**
 * Installs a filter, an array of `struct sock_filter`, on every thread of the process. Needs
 * no_new_privs.
 *
 * @returns 0, a negated errno, or the id of a thread that could not be synchronized
 */
export function installFilter(program: Uint8Array): number {
  const header = new DataView(new ArrayBuffer(16)); // struct sock_fprog: u16, padding, pointer
  const [, filter] = place(new Uint8Array(16), program);
  header.setUint16(0, program.length / instructionBytes, true);
  header.setBigUint64(8, filter, true);
  // The same order gives the same addresses, so the header's pointer holds.
  const [pointer] = place(new Uint8Array(header.buffer), program);
  return callResult(
    libc.syscall(BigInt(systemCallNumbers.seccomp), setModeFilter, allThreads, pointer, 0n, 0n, 0n),
  );
}
