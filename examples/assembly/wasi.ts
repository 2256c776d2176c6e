// The few WASI preview1 functions that the examples use, with a thin layer in AssemblyScript's
// own types above them. Names and signatures are the specification's:
// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md

@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: u32, iovs: usize, count: u32, written: usize): u32;
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: u32, iovs: usize, count: u32, read: usize): u32;
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(fd: u32): u32;
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): u32;
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, buffer: usize): u32;
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, size: usize): u32;
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(pointers: usize, buffer: usize): u32;
@external("wasi_snapshot_preview1", "clock_time_get")
declare function clock_time_get(clock: u32, precision: u64, time: usize): u32;
@external("wasi_snapshot_preview1", "poll_oneoff")
declare function poll_oneoff(subscriptions: usize, events: usize, count: u32, seen: usize): u32;
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(
  directory: u32, lookup: u32, path: usize, length: usize, create: u32,
  rights: u64, inherited: u64, flags: u32, fd: usize,
): u32;
@external("wasi_snapshot_preview1", "fd_prestat_get")
declare function fd_prestat_get(fd: u32, prestat: usize): u32;
@external("wasi_snapshot_preview1", "fd_prestat_dir_name")
declare function fd_prestat_dir_name(fd: u32, name: usize, length: usize): u32;
@external("wasi_snapshot_preview1", "sock_accept")
declare function sock_accept(fd: u32, flags: u32, accepted: usize): u32;
@external("wasi_snapshot_preview1", "sock_recv")
declare function sock_recv(
  fd: u32, iovs: usize, count: u32, flags: u32, received: usize, outFlags: usize,
): u32;
@external("wasi_snapshot_preview1", "sock_send")
declare function sock_send(fd: u32, iovs: usize, count: u32, flags: u32, sent: usize): u32;
@external("wasi_snapshot_preview1", "sock_shutdown")
declare function sock_shutdown(fd: u32, how: u32): u32;
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: u32): void;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;
const FIRST_PREOPENED: u32 = 3;

// Where a call takes a pointer to a result or to one buffer, it is one of these.
const result = memory.data(8);
const iovec = memory.data(8);
const subscription = memory.data(48);
const event = memory.data(32);
const prestat = memory.data(8);

export function print(line: string): void {
  write(STDOUT, line + "\n");
}

export function printError(line: string): void {
  write(STDERR, line + "\n");
}

export function exit(code: u32): void {
  proc_exit(code);
}

/** Called by AssemblyScript where an assertion fails. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  write(STDERR, `${file ? file : "?"}:${line}:${column}: ${message ? message : "aborted"}\n`);
  unreachable();
}

/** The arguments, the program's name first. */
export function args(): string[] {
  args_sizes_get(result, result + 4);
  const count = load<u32>(result);
  const pointers = new StaticArray<u32>(count);
  const buffer = new ArrayBuffer(load<u32>(result + 4));
  args_get(changetype<usize>(pointers), changetype<usize>(buffer));
  return stringsAt(pointers);
}

/** A variable of the environment, `fallback` where it is not set. */
export function env(name: string, fallback: string): string {
  environ_sizes_get(result, result + 4);
  const count = load<u32>(result);
  const pointers = new StaticArray<u32>(count);
  const buffer = new ArrayBuffer(load<u32>(result + 4));
  environ_get(changetype<usize>(pointers), changetype<usize>(buffer));
  const variables = stringsAt(pointers);
  for (let i = 0; i < variables.length; i++) {
    if (variables[i].startsWith(name + "=")) return variables[i].slice(name.length + 1);
  }
  return fallback;
}

/** The time of day, as in `2026-11-23T01:02:03.000Z`. */
export function now(): string {
  clock_time_get(0, 1000000, result);
  return new Date(load<u64>(result) / 1000000).toISOString();
}

export function sleep(milliseconds: u64): void {
  memory.fill(subscription, 0, 48);
  store<u8>(subscription + 8, 0); // a clock
  store<u32>(subscription + 16, 1); // the monotonic one
  store<u64>(subscription + 24, milliseconds * 1000000);
  poll_oneoff(subscription, event, 1, result);
}

/** Adds a line to a file in a mounted folder, and makes the file where it is missing. */
export function appendLine(path: string, line: string): void {
  const create: u32 = 1;
  const rights: u64 = 1 << 6; // fd_write
  const append: u32 = 1;
  const fd = openFile(path, create, rights, append);
  assert(fd != 0, `opening '${path}' failed`);
  write(fd, line + "\n");
  fd_close(fd);
}

/** What is in a file in a mounted folder, `null` where it cannot be opened. */
export function readText(path: string): string | null {
  const read: u64 = 1 << 1; // fd_read
  const fd = openFile(path, 0, read, 0);
  if (fd == 0) return null;
  const chunk = new ArrayBuffer(4096);
  store<u32>(iovec, changetype<u32>(chunk));
  store<u32>(iovec + 4, chunk.byteLength);
  let text = "";
  while (fd_read(fd, iovec, 1, result) == 0 && load<u32>(result) > 0) {
    text += String.UTF8.decode(chunk.slice(0, load<u32>(result)));
  }
  fd_close(fd);
  return text;
}

/** Makes a file in a mounted folder say this and nothing else; `false` where that is not possible. */
export function writeText(path: string, text: string): bool {
  const createAndEmpty: u32 = 1 | 8;
  const rights: u64 = 1 << 6; // fd_write
  const fd = openFile(path, createAndEmpty, rights, 0);
  if (fd == 0) return false;
  write(fd, text);
  fd_close(fd);
  return true;
}

/** The socket that the runtime listens on for the first container port: they come before folders. */
export function listeningSocket(): u32 {
  return FIRST_PREOPENED;
}

/** Waits for the next connection. */
export function accept(listener: u32): u32 {
  const error = sock_accept(listener, 0, result);
  assert(error == 0, `accepting a connection failed: WASI error ${error}`);
  return load<u32>(result);
}

/** What one read from the connection gives, empty at its end. */
export function receive(connection: u32): string {
  const buffer = new ArrayBuffer(4096);
  store<u32>(iovec, changetype<u32>(buffer));
  store<u32>(iovec + 4, buffer.byteLength);
  const error = sock_recv(connection, iovec, 1, 0, result, result + 4);
  return error == 0 ? String.UTF8.decode(buffer.slice(0, load<u32>(result))) : "";
}

/** Sends the text, then ends the connection. */
export function sendAndClose(connection: u32, text: string): void {
  const bytes = String.UTF8.encode(text);
  for (let sent: u32 = 0; sent < <u32>bytes.byteLength; sent += load<u32>(result)) {
    store<u32>(iovec, changetype<u32>(bytes) + sent);
    store<u32>(iovec + 4, bytes.byteLength - sent);
    if (sock_send(connection, iovec, 1, 0, result) != 0) break; // the caller has gone
  }
  sock_shutdown(connection, 3); // both directions
  fd_close(connection);
}

function write(fd: u32, text: string): void {
  const bytes = String.UTF8.encode(text);
  for (let written: u32 = 0; written < <u32>bytes.byteLength; written += load<u32>(result)) {
    store<u32>(iovec, changetype<u32>(bytes) + written);
    store<u32>(iovec + 4, bytes.byteLength - written);
    if (fd_write(fd, iovec, 1, result) != 0) return;
  }
}

function stringsAt(pointers: StaticArray<u32>): string[] {
  const strings: string[] = [];
  for (let i = 0; i < pointers.length; i++) {
    let end: usize = pointers[i];
    while (load<u8>(end) != 0) end++;
    strings.push(String.UTF8.decodeUnsafe(pointers[i], end - pointers[i]));
  }
  return strings;
}

/** Opens a file in a mounted folder, links followed; 0 where that is not possible. */
function openFile(path: string, create: u32, rights: u64, flags: u32): u32 {
  const folder = folderOf(path);
  if (folder == null) return 0;
  // A file that is mounted alone is a folder of its own path, and there it is itself.
  const rest = path.slice(folder.path.length + 1);
  const name = String.UTF8.encode(rest == "" ? "." : rest);
  const follow: u32 = 1;
  const error = path_open(
    folder.fd, follow, changetype<usize>(name), name.byteLength, create, rights, 0, flags, result,
  );
  return error == 0 ? load<u32>(result) : 0;
}

class Folder {
  constructor(public fd: u32, public path: string) {}
}

/** The mounted folder that the path leads into, the innermost of several. */
function folderOf(path: string): Folder | null {
  let found: Folder | null = null;
  for (let fd = FIRST_PREOPENED; fd_prestat_get(fd, prestat) == 0; fd++) {
    const name = new ArrayBuffer(load<u32>(prestat + 4));
    fd_prestat_dir_name(fd, changetype<usize>(name), name.byteLength);
    const folder = String.UTF8.decode(name);
    if (path != folder && !path.startsWith(folder + "/")) continue;
    if (found == null || folder.length > found.path.length) found = new Folder(fd, folder);
  }
  return found;
}
