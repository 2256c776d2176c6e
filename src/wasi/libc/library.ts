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
  // memory
  free: { arguments: ['u64'], return: 'void' },
  malloc: { arguments: ['u64'], return: 'u64' },
  malloc_trim: { arguments: ['u64'], return: 'i32' },
  madvise: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
  mmap: { arguments: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], return: 'u64' },
  sbrk: { arguments: ['i64'], return: 'u64' },
  munmap: { arguments: ['u64', 'u64'], return: 'i32' },
  // processes
  _exit: { arguments: ['i32'], return: 'void' },
  fexecve: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  fork: { arguments: [], return: 'i32' },
  getpid: { arguments: [], return: 'i32' },
  kill: { arguments: ['i32', 'i32'], return: 'i32' },
  prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
  setrlimit: { arguments: ['i32', 'u64'], return: 'i32' },
  setsid: { arguments: [], return: 'i32' },
  waitpid: { arguments: ['i32', 'u64', 'i32'], return: 'i32' },
  // signals
  signal: { arguments: ['i32', 'u64'], return: 'u64' },
  sigfillset: { arguments: ['u64'], return: 'i32' },
  sigprocmask: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  // credentials
  capset: { arguments: ['u64', 'u64'], return: 'i32' },
  setgroups: { arguments: ['u64', 'u64'], return: 'i32' },
  setresgid: { arguments: ['u32', 'u32', 'u32'], return: 'i32' },
  setresuid: { arguments: ['u32', 'u32', 'u32'], return: 'i32' },
  // descriptors of a process
  close_range: { arguments: ['u32', 'u32', 'i32'], return: 'i32' },
  dup2: { arguments: ['i32', 'i32'], return: 'i32' },
  dup3: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  // clocks and random numbers
  clock_getres: { arguments: ['i32', 'u64'], return: 'i32' },
  clock_gettime: { arguments: ['i32', 'u64'], return: 'i32' },
  getrandom: { arguments: ['u64', 'u64', 'u32'], return: 'i64' },
  sched_yield: { arguments: [], return: 'i32' },
  // open files: a transfer is at most 2 GiB, so 32 bits of its result are enough, and cheaper
  close: { arguments: ['i32'], return: 'i32' },
  epoll_create1: { arguments: ['i32'], return: 'i32' },
  epoll_ctl: { arguments: ['i32', 'i32', 'i32', 'u64'], return: 'i32' },
  epoll_wait: { arguments: ['i32', 'u64', 'i32', 'i32'], return: 'i32' },
  fallocate: { arguments: ['i32', 'i32', 'i64', 'i64'], return: 'i32' },
  fcntl: { arguments: ['i32', 'i32', 'u64'], return: 'i32' },
  fdatasync: { arguments: ['i32'], return: 'i32' },
  fsync: { arguments: ['i32'], return: 'i32' },
  ftruncate: { arguments: ['i32', 'i64'], return: 'i32' },
  futimens: { arguments: ['i32', 'u64'], return: 'i32' },
  ioctl: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  lseek: { arguments: ['i32', 'i64', 'i32'], return: 'i64' },
  posix_fadvise: { arguments: ['i32', 'i64', 'i64', 'i32'], return: 'i32' },
  ppoll: { arguments: ['u64', 'u64', 'u64', 'u64'], return: 'i32' },
  pread: { arguments: ['i32', 'u64', 'u32', 'i64'], return: 'i32' },
  preadv: { arguments: ['i32', 'u64', 'i32', 'i64'], return: 'i32' },
  pwrite: { arguments: ['i32', 'u64', 'u32', 'i64'], return: 'i32' },
  pwritev: { arguments: ['i32', 'u64', 'i32', 'i64'], return: 'i32' },
  read: { arguments: ['i32', 'u64', 'u32'], return: 'i32' },
  readv: { arguments: ['i32', 'u64', 'i32'], return: 'i32' },
  write: { arguments: ['i32', 'u64', 'u32'], return: 'i32' },
  writev: { arguments: ['i32', 'u64', 'i32'], return: 'i32' },
  // files by name
  chown: { arguments: ['u64', 'u32', 'u32'], return: 'i32' },
  getdents64: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  inotify_add_watch: { arguments: ['i32', 'u64', 'u32'], return: 'i32' },
  inotify_init1: { arguments: ['i32'], return: 'i32' },
  linkat: { arguments: ['i32', 'u64', 'i32', 'u64', 'i32'], return: 'i32' },
  mkdirat: { arguments: ['i32', 'u64', 'u32'], return: 'i32' },
  open: { arguments: ['u64', 'i32', 'u32'], return: 'i32' },
  openat: { arguments: ['i32', 'u64', 'i32', 'u32'], return: 'i32' },
  readlinkat: { arguments: ['i32', 'u64', 'u64', 'u64'], return: 'i32' },
  renameat: { arguments: ['i32', 'u64', 'i32', 'u64'], return: 'i32' },
  statx: { arguments: ['i32', 'u64', 'i32', 'u32', 'u64'], return: 'i32' },
  symlinkat: { arguments: ['u64', 'i32', 'u64'], return: 'i32' },
  unlinkat: { arguments: ['i32', 'u64', 'i32'], return: 'i32' },
  utimensat: { arguments: ['i32', 'u64', 'u64', 'i32'], return: 'i32' },
  // sockets
  accept4: { arguments: ['i32', 'u64', 'u64', 'i32'], return: 'i32' },
  bind: { arguments: ['i32', 'u64', 'u32'], return: 'i32' },
  connect: { arguments: ['i32', 'u64', 'u32'], return: 'i32' },
  getpeername: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  getsockname: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  getsockopt: { arguments: ['i32', 'i32', 'i32', 'u64', 'u64'], return: 'i32' },
  listen: { arguments: ['i32', 'i32'], return: 'i32' },
  recvfrom: { arguments: ['i32', 'u64', 'u64', 'i32', 'u64', 'u64'], return: 'i32' },
  recvmsg: { arguments: ['i32', 'u64', 'i32'], return: 'i32' },
  sendmsg: { arguments: ['i32', 'u64', 'i32'], return: 'i32' },
  sendto: { arguments: ['i32', 'u64', 'u64', 'i32', 'u64', 'u32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'u64', 'u32'], return: 'i32' },
  shutdown: { arguments: ['i32', 'i32'], return: 'i32' },
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  // terminals and pipes
  grantpt: { arguments: ['i32'], return: 'i32' },
  mkfifo: { arguments: ['u64', 'u32'], return: 'i32' },
  pipe2: { arguments: ['u64', 'i32'], return: 'i32' },
  posix_openpt: { arguments: ['i32'], return: 'i32' },
  ptsname_r: { arguments: ['i32', 'u64', 'u64'], return: 'i32' },
  unlockpt: { arguments: ['i32'], return: 'i32' },
});

export const libc = functions;

export { getRawPointer };
