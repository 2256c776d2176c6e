import { dlopen, getInt32 } from 'node:ffi';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cString, place, placedBytes } from '../../src/wasi/libc/struct-page.ts';

/**
 * Everything that code with all of Node and libc could try. What the attacks need is loaded here,
 * before the sandbox closes: none of them may fail for the lack of a function.
 */
const libc = dlopen('libc.so.6', {
  __errno_location: { arguments: [], return: 'u64' },
  connect: { arguments: ['i32', 'u64', 'u32'], return: 'i32' },
  execve: { arguments: ['u64', 'u64', 'u64'], return: 'i32' },
  fcntl: { arguments: ['i32', 'i32', 'u64'], return: 'i32' },
  fork: { arguments: [], return: 'i32' },
  fstatfs: { arguments: ['i32', 'u64'], return: 'i32' },
  getpid: { arguments: [], return: 'i32' },
  kill: { arguments: ['i32', 'i32'], return: 'i32' },
  mount: { arguments: ['u64', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
  process_vm_readv: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64', 'u64'], return: 'i64' },
  ptrace: { arguments: ['i64', 'i32', 'u64', 'u64'], return: 'i64' },
  setresuid: { arguments: ['u32', 'u32', 'u32'], return: 'i32' },
  shutdown: { arguments: ['i32', 'i32'], return: 'i32' },
  sendmmsg: { arguments: ['i32', 'u64', 'u32', 'i32'], return: 'i32' },
  sendmsg: { arguments: ['i32', 'u64', 'i32'], return: 'i64' },
  sendto: { arguments: ['i32', 'u64', 'u64', 'i32', 'u64', 'u32'], return: 'i64' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'u64', 'u32'], return: 'i32' },
  socketpair: { arguments: ['i32', 'i32', 'i32', 'u64'], return: 'i32' },
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  syscall: { arguments: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'], return: 'i64' },
  unshare: { arguments: ['i32'], return: 'i32' },
}).functions;

const attachRequest = 16n; // PTRACE_ATTACH
const newUserNamespace = 0x1000_0000; // CLONE_NEWUSER
const bindMount = 4096n;
const sigKill = 9;
const pipeFilesystem = 0x5049_5045n; // PIPEFS_MAGIC
const multipathTcp = 262; // IPPROTO_MPTCP
const setOwner = 8; // F_SETOWN
const setLease = 1024; // F_SETLEASE
const writeLease = 1n; // F_WRLCK
const fastOpen = 0x2000_0000; // MSG_FASTOPEN
const fastOpenConnect = 30; // TCP_FASTOPEN_CONNECT
const otherProtocol = 31; // TCP_ULP
const bothWays = 2; // SHUT_RDWR

type Attack = (...args: readonly string[]) => unknown;

const forAWhile = 120_000;

const attacks: Readonly<Record<string, Attack>> = {
  read: (file = '') => readFileSync(file).length,
  readDescriptor: (fd = '') => readSync(Number(fd), new Uint8Array(1), 0, 1, 0),
  write: (file = '') => writeFileSync(file, 'owned'),
  truncate: (file = '') => truncateSync(file),
  symlink: (target = '', file = '') => symlinkSync(target, file),
  link: (target = '', file = '') => linkSync(target, file),
  openForWriting: (file = '') => closeSync(openSync(file, 'r+')),
  lease: (file = '') => check(libc.fcntl(openSync(file, 'r+'), setLease, writeLease)),
  haveSignalled: (pid = '') => check(libc.fcntl(0, setOwner, BigInt(pid))),
  dlopen: (file = '') => dlopen(file, {}),
  wait: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forAWhile),
  execute: (file = '') => check(libc.execve(...place(cString(file)), 0n, 0n)),
  fork: () => check(libc.fork()),
  kill: (pid = '') => check(libc.kill(Number(pid), sigKill)),
  ptrace: (pid = '') => check(libc.ptrace(attachRequest, Number(pid), 0n, 0n)),
  readMemory: (pid = '') => {
    const [vector] = place(new Uint8Array(64));
    return check(libc.process_vm_readv(Number(pid), vector, 1n, vector, 1n, 0n));
  },
  openSocket: (...numbers) => {
    const [domain = 0, type = 0, protocol = 0] = numbers.map(Number);
    return check(libc.socket(domain, type, protocol));
  },
  connectTcp: (port = '') => connect(loopback(Number(port))),
  connectMultipathTcp: (port = '') => connect(loopback(Number(port)), multipathTcp),
  connectTcpLater: (port = '') => {
    const fd = check(libc.socket(2, 1, 0));
    const [on, name] = place(new Uint8Array(Uint32Array.of(1).buffer), loopback(Number(port)));
    check(libc.setsockopt(fd, 6, fastOpenConnect, on, 4));
    return check(libc.connect(fd, name, 16));
  },
  changeProtocol: () => {
    const [name] = place(new Uint8Array(Buffer.from('smc\0')));
    return check(libc.setsockopt(check(libc.socket(2, 1, 0)), 6, otherProtocol, name, 4));
  },
  connectBySending: (call = '', port = '', listener?: string) => {
    if (listener !== undefined) check(libc.shutdown(Number(listener), bothWays));
    const fd = listener === undefined ? check(libc.socket(2, 1, 0)) : Number(listener);
    return connectBySending(call, fd, loopback(Number(port)));
  },
  connectUnix: (file = '') => connect(unixName(file)),
  sendDatagram: (file = '') => {
    const [pair, name] = place(new Uint8Array(8), unixName(file));
    check(libc.socketpair(1, 2, 0, pair));
    const fd = new DataView(placedBytes(pair, 4).buffer).getInt32(0, true);
    return check(libc.sendto(fd, name, 1n, 0, name, unixName(file).length));
  },
  /** Finds a pipe among all descriptors: nobody has named it, so that somebody else may have it. */
  pipe: () => {
    const [about] = place(new Uint8Array(120));
    const isPipe = (fd: number) =>
      libc.fstatfs(fd, about) === 0 &&
      new DataView(placedBytes(about, 8).buffer).getBigInt64(0, true) === pipeFilesystem;
    if (!Array.from({ length: 4096 }, (_, fd) => fd).some(isPipe)) throw new Error('none');
  },
  becomeRoot: () => check(libc.setresuid(0, 0, 0)),
  unshare: () => check(libc.unshare(newUserNamespace)),
  mount: (source = '', target = '') => {
    const [from, to, type] = place(cString(source), cString(target), cString('none'));
    return check(libc.mount(from, to, type, bindMount, 0n));
  },
  systemCall: (number = '') => check(libc.syscall(BigInt(number), 0n, 0n, 0n, 0n, 0n, 0n)),
};

/** Runs one attack: `done` where it succeeded, else the name of the error. */
export function attack([name = '', ...args]: readonly string[]): string {
  const run = attacks[name];
  if (run === undefined) throw new Error(`Cannot attack with '${name}': no such attack`);
  try {
    run(...args);
    return 'done';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'code' in error ? `${error.code}: ${error.message}` : error.message;
  }
}

/** Of a port on this machine. */
function loopback(port: number): Uint8Array {
  return Uint8Array.of(2, 0, port >> 8, port & 0xff, 127, 0, 0, 1, ...Array(8).fill(0));
}

function unixName(file: string): Uint8Array {
  return Uint8Array.of(1, 0, ...cString(file));
}

function connect(name: Uint8Array, protocol = 0): number {
  const fd = check(libc.socket(name[0] ?? 0, 1, protocol));
  return check(libc.connect(fd, ...place(name), name.length));
}

/** Sends a letter on a socket that is not connected, by any of the calls that take an address. */
function connectBySending(call: string, fd: number, address: Uint8Array): number {
  const [base] = place(new Uint8Array(256));
  const [name, vector, message] = [base + 16n, base + 64n, base + 128n];
  const header = BigUint64Array.of(name, BigInt(address.length), vector, 1n, 0n, 0n, 0n);
  const placed = new Uint8Array(256);
  placed.set(address, 16);
  placed.set(new Uint8Array(BigUint64Array.of(base, 1n).buffer), 64);
  placed.set(new Uint8Array(header.buffer), 128);
  place(placed);
  if (call === 'sendto') return check(libc.sendto(fd, base, 1n, fastOpen, name, address.length));
  if (call === 'sendmsg') return check(libc.sendmsg(fd, message, fastOpen));
  return check(libc.sendmmsg(fd, message, 1, fastOpen));
}

function check(result: number | bigint): number {
  if (result !== -1 && result !== -1n) return Number(result);
  const errno = getInt32(libc.__errno_location(), 0);
  throw new Error(`errno ${errno}`);
}
