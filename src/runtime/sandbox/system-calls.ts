import type { SystemCall } from '../../wasi/libc/syscall-numbers.ts';

/**
 * What the runtime and the WASI host may ask of the kernel once the guest runs. The most frequent
 * come first: the filter is read from the top where the kernel cannot decide by number alone.
 */
export const allowedSystemCalls: readonly SystemCall[] = [
  // the host's files, clocks and randomness
  'read',
  'write',
  'readv',
  'writev',
  'pread64',
  'pwrite64',
  'preadv',
  'pwritev',
  'preadv2',
  'pwritev2',
  'lseek',
  'close',
  'openat',
  'openat2',
  'fstat',
  'newfstatat',
  'statx',
  'getdents64',
  'readlinkat',
  'mkdirat',
  'unlinkat',
  'renameat',
  'renameat2',
  'linkat',
  'symlinkat',
  'utimensat',
  'faccessat',
  'faccessat2',
  'ftruncate',
  'fallocate',
  'fadvise64',
  'fsync',
  'fdatasync',
  'fcntl',
  'flock',
  'dup',
  'dup3',
  'rename',
  'unlink',
  'clock_gettime',
  'clock_getres',
  'clock_nanosleep',
  'nanosleep',
  'getrandom',
  // the host's sockets: those it was handed, and their connections
  'poll',
  'ppoll',
  'accept',
  'accept4',
  'recvfrom',
  'recvmsg',
  'sendto',
  'sendmsg',
  'shutdown',
  'getsockname',
  'getpeername',
  'setsockopt',
  'getsockopt',
  // the engine's memory, signals and end
  'futex',
  'munmap',
  'mprotect',
  'mremap',
  'madvise',
  'brk',
  'membarrier',
  'pkey_alloc',
  'pkey_free',
  'pkey_mprotect',
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigreturn',
  'sigaltstack',
  'sched_yield',
  'exit',
  'exit_group',
  // what the process may know of itself
  'getpid',
  'getppid',
  'gettid',
  'getuid',
  'geteuid',
  'getgid',
  'getegid',
  'getcwd',
  'getrusage',
  'sched_getaffinity',
  'sysinfo',
  'uname',
];

/** What V8's and libuv's threads ask for besides, when they wait and wake each other. */
export const threadSystemCalls: readonly SystemCall[] = [
  'epoll_ctl',
  'epoll_pwait',
  'epoll_wait',
  'eventfd2',
  'rseq',
  'set_robust_list',
];

/** What a container that serves or calls HTTP asks for besides. */
export const networkSystemCalls: readonly SystemCall[] = [
  'epoll_create1',
  'pipe2',
  'socket',
  'socketpair',
  'connect',
  'bind',
  'listen',
];

/** Answered with EPERM: the runtime may try them and goes on without. Everything else kills. */
export const refusedSystemCalls: readonly SystemCall[] = [
  'access',
  'getrlimit',
  'ioctl',
  'pipe2',
  'prctl',
  'prlimit64',
  'readlink',
  'rseq',
  'sched_setaffinity',
  'set_robust_list',
  'socket',
];

/** Answered with ENOSYS: libc and libuv then take the older call, or none. */
export const unsupportedSystemCalls: readonly SystemCall[] = ['clone3', 'io_uring_setup'];
