import { dlopen, getRawPointer } from 'node:ffi';

/**
 * The C library's functions, called through FFI. Loading this module opens libc: import it only
 * where the platform is Linux, or behind a dynamic import.
 *
 * Pointers are unsigned 64-bit integers. Structs that a system call reads or writes live in
 * {@link Scratch} memory, which the garbage collector never moves or frees.
 */
const { functions } = dlopen('libc.so.6', {
  __errno_location: { arguments: [], return: 'u64' },
  syscall: { arguments: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'], return: 'i64' },
  mmap: { arguments: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], return: 'u64' },
});

export const libc = functions;

export { getRawPointer };
