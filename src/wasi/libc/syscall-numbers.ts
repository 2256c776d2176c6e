/**
 * System call numbers, by the kernel's names, for x86-64 and arm64: for seccomp filters, and for
 * the few calls that libc has no function for. `undefined` where the architecture has no such
 * call.
 *
 * `arch/x86/entry/syscalls/syscall_64.tbl`, `include/uapi/asm-generic/unistd.h`
 */
const table = {
  read: [0, 63],
  write: [1, 64],
  open: [2, undefined],
  close: [3, 57],
  stat: [4, undefined],
  fstat: [5, 80],
  lstat: [6, undefined],
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
  msync: [26, 227],
  mincore: [27, 232],
  madvise: [28, 233],
  dup: [32, 23],
  nanosleep: [35, 101],
  alarm: [37, undefined],
  setitimer: [38, 103],
  getpid: [39, 172],
  socket: [41, 198],
  connect: [42, 203],
  accept: [43, 202],
  sendto: [44, 206],
  recvfrom: [45, 207],
  sendmmsg: [307, 269],
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
  chdir: [80, 49],
  fchdir: [81, 50],
  rename: [82, undefined],
  mkdir: [83, undefined],
  rmdir: [84, undefined],
  link: [86, undefined],
  unlink: [87, undefined],
  symlink: [88, undefined],
  readlink: [89, undefined],
  chmod: [90, undefined],
  fchmod: [91, 52],
  fchown: [93, 55],
  umask: [95, 166],
  gettimeofday: [96, 169],
  getrlimit: [97, 163],
  getrusage: [98, 165],
  sysinfo: [99, 179],
  times: [100, 153],
  getuid: [102, 174],
  getgid: [104, 176],
  geteuid: [107, 175],
  getegid: [108, 177],
  getppid: [110, 173],
  getpgrp: [111, undefined],
  getgroups: [115, 158],
  getresuid: [118, 148],
  getresgid: [120, 150],
  getpgid: [121, 155],
  getsid: [124, 156],
  capget: [125, 90],
  rt_sigpending: [127, 136],
  rt_sigtimedwait: [128, 137],
  rt_sigsuspend: [130, 133],
  sigaltstack: [131, 132],
  statfs: [137, 43],
  fstatfs: [138, 44],
  getpriority: [140, 141],
  setpriority: [141, 140],
  sched_setparam: [142, 118],
  sched_getparam: [143, 121],
  sched_setscheduler: [144, 119],
  sched_getscheduler: [145, 120],
  sched_get_priority_max: [146, 125],
  sched_get_priority_min: [147, 126],
  mlock: [149, 228],
  munlock: [150, 229],
  prctl: [157, 167],
  arch_prctl: [158, undefined],
  gettid: [186, 178],
  time: [201, undefined],
  futex: [202, 98],
  sched_setaffinity: [203, 122],
  sched_getaffinity: [204, 123],
  getdents64: [217, 61],
  set_tid_address: [218, 96],
  restart_syscall: [219, 128],
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
  fchownat: [260, 54],
  newfstatat: [262, 79],
  unlinkat: [263, 35],
  renameat: [264, 38],
  linkat: [265, 37],
  symlinkat: [266, 36],
  readlinkat: [267, 78],
  fchmodat: [268, 53],
  faccessat: [269, 48],
  ppoll: [271, 73],
  set_robust_list: [273, 99],
  utimensat: [280, 88],
  epoll_pwait: [281, 22],
  timer_create: [222, 107],
  timer_settime: [223, 110],
  timerfd_create: [283, 85],
  fallocate: [285, 47],
  accept4: [288, 242],
  eventfd2: [290, 19],
  epoll_create1: [291, 20],
  dup3: [292, 24],
  pipe2: [293, 59],
  inotify_init1: [294, 26],
  preadv: [295, 69],
  pwritev: [296, 70],
  prlimit64: [302, 261],
  getcpu: [309, 168],
  renameat2: [316, 276],
  seccomp: [317, 277],
  getrandom: [318, 278],
  memfd_create: [319, 279],
  execveat: [322, 281],
  membarrier: [324, 283],
  mlock2: [325, 284],
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
  | 'clone'
  | 'io_uring_setup'
  | 'landlock_create_ruleset'
  | 'landlock_add_rule'
  | 'landlock_restrict_self'
  | 'openat2'
  | 'seccomp'
  | 'timer_create'
  | 'timer_settime';

/** The value of `seccomp_data.arch`, from `linux/audit.h`. */
const auditArchitectures = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
export type SystemCallArchitecture = keyof typeof auditArchitectures;

/** The architecture of this process; `undefined` where the table has no column for it. */
export function systemCallArchitecture(): SystemCallArchitecture | undefined {
  return process.arch === 'x64' || process.arch === 'arm64' ? process.arch : undefined;
}

/** What seccomp filters see an architecture as: `AUDIT_ARCH_…`. */
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
  clone: table.clone[process.arch === 'arm64' ? 1 : 0],
  io_uring_setup: table.io_uring_setup[0],
  landlock_create_ruleset: table.landlock_create_ruleset[0],
  landlock_add_rule: table.landlock_add_rule[0],
  landlock_restrict_self: table.landlock_restrict_self[0],
  openat2: table.openat2[0],
  seccomp: table.seccomp[process.arch === 'arm64' ? 1 : 0],
  timer_create: table.timer_create[process.arch === 'arm64' ? 1 : 0],
  timer_settime: table.timer_settime[process.arch === 'arm64' ? 1 : 0],
};
