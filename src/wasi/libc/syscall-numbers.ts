/**
 * System call numbers, by the kernel's names, for x86-64 and arm64: for seccomp filters, and for
 * the few calls that libc has no function for. `undefined` where the architecture has no such
 * call. The arm64 column follows the kernel's table but has not been run.
 *
 * `arch/x86/entry/syscalls/syscall_64.tbl`, `include/uapi/asm-generic/unistd.h`
 */
const table = {
  read: [0, 63],
  write: [1, 64],
  close: [3, 57],
  fstat: [5, 80],
  poll: [7, undefined],
  lseek: [8, 62],
  mmap: [9, 222],
  mprotect: [10, 226],
  munmap: [11, 215],
  brk: [12, 214],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  ioctl: [16, 29],
  pread64: [17, 67],
  pwrite64: [18, 68],
  readv: [19, 65],
  writev: [20, 66],
  access: [21, undefined],
  pipe: [22, undefined],
  sched_yield: [24, 124],
  mremap: [25, 216],
  madvise: [28, 233],
  dup: [32, 23],
  nanosleep: [35, 101],
  getpid: [39, 172],
  socket: [41, 198],
  connect: [42, 203],
  accept: [43, 202],
  sendto: [44, 206],
  recvfrom: [45, 207],
  sendmsg: [46, 211],
  recvmsg: [47, 212],
  shutdown: [48, 210],
  bind: [49, 200],
  listen: [50, 201],
  getsockname: [51, 204],
  getpeername: [52, 205],
  socketpair: [53, 199],
  setsockopt: [54, 208],
  getsockopt: [55, 209],
  clone: [56, 220],
  exit: [60, 93],
  uname: [63, 160],
  fcntl: [72, 25],
  flock: [73, 32],
  fsync: [74, 82],
  fdatasync: [75, 83],
  ftruncate: [77, 46],
  getcwd: [79, 17],
  rename: [82, undefined],
  unlink: [87, undefined],
  readlink: [89, undefined],
  getrlimit: [97, 163],
  getrusage: [98, 165],
  sysinfo: [99, 179],
  getuid: [102, 174],
  getgid: [104, 176],
  geteuid: [107, 175],
  getegid: [108, 177],
  getppid: [110, 173],
  sigaltstack: [131, 132],
  prctl: [157, 167],
  gettid: [186, 178],
  futex: [202, 98],
  sched_setaffinity: [203, 122],
  sched_getaffinity: [204, 123],
  getdents64: [217, 61],
  fadvise64: [221, 223],
  clock_gettime: [228, 113],
  clock_getres: [229, 114],
  clock_nanosleep: [230, 115],
  exit_group: [231, 94],
  epoll_wait: [232, undefined],
  epoll_ctl: [233, 21],
  tgkill: [234, 131],
  openat: [257, 56],
  mkdirat: [258, 34],
  newfstatat: [262, 79],
  unlinkat: [263, 35],
  renameat: [264, 38],
  linkat: [265, 37],
  symlinkat: [266, 36],
  readlinkat: [267, 78],
  faccessat: [269, 48],
  ppoll: [271, 73],
  set_robust_list: [273, 99],
  utimensat: [280, 88],
  epoll_pwait: [281, 22],
  fallocate: [285, 47],
  accept4: [288, 242],
  eventfd2: [290, 19],
  epoll_create1: [291, 20],
  dup3: [292, 24],
  pipe2: [293, 59],
  preadv: [295, 69],
  pwritev: [296, 70],
  prlimit64: [302, 261],
  renameat2: [316, 276],
  seccomp: [317, 277],
  getrandom: [318, 278],
  membarrier: [324, 283],
  copy_file_range: [326, 285],
  preadv2: [327, 286],
  pwritev2: [328, 287],
  pkey_mprotect: [329, 288],
  pkey_alloc: [330, 289],
  pkey_free: [331, 290],
  statx: [332, 291],
  rseq: [334, 293],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  clone3: [435, 435],
  close_range: [436, 436],
  openat2: [437, 437],
  faccessat2: [439, 439],
  landlock_create_ruleset: [444, 444],
  landlock_add_rule: [445, 445],
  landlock_restrict_self: [446, 446],
} as const satisfies Readonly<Record<string, readonly [x64: number, arm64: number | undefined]>>;

export type SystemCall = keyof typeof table;

/** The calls that are made by number exist on both architectures. */
type CalledByNumber =
  | 'io_uring_setup'
  | 'landlock_create_ruleset'
  | 'landlock_add_rule'
  | 'landlock_restrict_self'
  | 'seccomp';

/** The value of `seccomp_data.arch`, from `linux/audit.h`. */
const auditArchitectures = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
export type SystemCallArchitecture = keyof typeof auditArchitectures;

/** The architecture of this process; `undefined` where the table has no column for it. */
export function systemCallArchitecture(): SystemCallArchitecture | undefined {
  return process.arch === 'x64' || process.arch === 'arm64' ? process.arch : undefined;
}

export function auditArchitecture(architecture: SystemCallArchitecture): number {
  return auditArchitectures[architecture];
}

/** The number of a call, `undefined` where the architecture has no such call. */
export function systemCallNumber(
  name: SystemCall,
  architecture: SystemCallArchitecture,
): number | undefined {
  return table[name][architecture === 'x64' ? 0 : 1];
}

/** The numbers of the calls that libc has no function for, the same on both architectures but one. */
export const systemCallNumbers: Readonly<Record<CalledByNumber, number>> = {
  io_uring_setup: table.io_uring_setup[0],
  landlock_create_ruleset: table.landlock_create_ruleset[0],
  landlock_add_rule: table.landlock_add_rule[0],
  landlock_restrict_self: table.landlock_restrict_self[0],
  seccomp: table.seccomp[process.arch === 'arm64' ? 1 : 0],
};
