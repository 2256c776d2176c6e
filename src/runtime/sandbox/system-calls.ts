import type { SystemCall } from '../../wasi/libc/syscall-numbers.ts';

/** The engine's memory, signals and end. */
const engineSystemCalls: readonly SystemCall[] = [
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
  'restart_syscall',
];

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
  'shutdown',
  'getsockname',
  'getpeername',
  'getsockopt',
  ...engineSystemCalls,
  'timer_create',
  'timer_settime',
  'rt_sigpending',
  'rt_sigsuspend',
  'rt_sigtimedwait',
  // what the process may know of itself and of the machine
  'capget',
  'fstatfs',
  'getcpu',
  'getgroups',
  'getpgid',
  'getpgrp',
  'getpriority',
  'getresgid',
  'getresuid',
  'getsid',
  'gettimeofday',
  'mincore',
  'sched_get_priority_max',
  'sched_get_priority_min',
  'sched_getparam',
  'sched_getscheduler',
  'statfs',
  'time',
  'times',
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

/** What the engine asks for that compiles, in a process that has opened all that it needs. */
export const computationSystemCalls: readonly SystemCall[] = [
  // the files that it has
  'read',
  'write',
  'writev',
  'pwrite64',
  'lseek',
  'fstat',
  'close',
  ...engineSystemCalls,
  // clocks, randomness, and who it is
  'clock_gettime',
  'clock_nanosleep',
  'gettimeofday',
  'getrandom',
  'getcpu',
  'getpid',
  'gettid',
  'getrusage',
  'sched_getaffinity',
  'sched_getparam',
  'sched_getscheduler',
  'sysinfo',
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

/** What a container asks for besides that has sockets of its own, those of the internet. */
export const socketSystemCalls: readonly SystemCall[] = ['connect', 'bind', 'listen'];

/** What a container that serves or calls HTTP asks for besides, with sockets of the internet. */
export const networkSystemCalls: readonly SystemCall[] = [
  'epoll_create1',
  'pipe2',
  ...socketSystemCalls,
];

/** A call, and which of its arguments decides whether it is allowed, from 0. */
export type CallByArgument = readonly [name: SystemCall, argument: number];

/** What sends by a socket, with the argument that has the flags: by one of them it would connect. */
export const sendingSystemCalls: readonly CallByArgument[] = [
  ['sendto', 3],
  ['sendmsg', 2],
];

/** What a container that serves or calls HTTP sends by besides. */
export const networkSendingSystemCalls: readonly CallByArgument[] = [
  ['sendmmsg', 3], // libc asks for both families of addresses at once
];

/**
 * What a program asks for besides that is executed in the sandbox: to be loaded, and to run its
 * threads. Where it may execute and what it may map, Landlock says.
 */
export const programSystemCalls: readonly SystemCall[] = [
  'access',
  'arch_prctl',
  'copy_file_range',
  'epoll_create1',
  'execveat',
  'lstat',
  'mmap',
  'open',
  'pipe2',
  'readlink',
  'sched_setaffinity',
  'set_tid_address',
  'stat',
];

/**
 * Answered with EPERM: the runtime or libc may try them and go on without, or they are too dull for
 * anything else. Everything that is in no list kills the process.
 */
export const refusedSystemCalls: readonly SystemCall[] = [
  'access',
  'alarm',
  'chdir',
  'chmod',
  'fchdir',
  'fchmod',
  'fchmodat',
  'fchown',
  'fchownat',
  'getrlimit',
  'inotify_init1',
  'ioctl',
  'link',
  'lstat',
  'memfd_create',
  'mkdir',
  'mlock',
  'mlock2',
  'msync',
  'munlock',
  'open',
  'pipe2',
  'prctl',
  'prlimit64',
  'readlink',
  'rmdir',
  'rseq',
  'sched_setaffinity',
  'sched_setparam',
  'sched_setscheduler',
  'set_robust_list',
  'setitimer',
  'setpriority',
  'socket',
  'socketpair',
  'stat',
  'symlink',
  'timerfd_create',
  'umask',
];

/** Answered with ENOSYS: libc and libuv then take the older call, or none. */
export const unsupportedSystemCalls: readonly SystemCall[] = ['clone3', 'io_uring_setup'];
