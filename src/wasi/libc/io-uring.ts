import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { systemCallNumbers } from './syscall-numbers.ts';

const enosys = 38;

/** Whether the kernel, and the filters of this process, know io_uring. Makes no ring. */
export function requestIoUring(): 'present' | 'missing' {
  const number = BigInt(systemCallNumbers.io_uring_setup);
  const noParameters = 0n; // answered with EFAULT or EPERM where the call exists
  const result = callResult(libc.syscall(number, 1n, noParameters, 0n, 0n, 0n, 0n));
  return result === -enosys ? 'missing' : 'present';
}
