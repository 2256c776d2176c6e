/** A host call to be measured. */
export interface HostCall {
  readonly name: string;
  /** How often it is made, after a tenth as many to warm up. */
  readonly count: number;
  /** The call in WAT, its result dropped. The file that it may use is descriptor `$file`. */
  readonly body: string;
  /** Nanoseconds. */
  readonly budget?: number;
}

const size = 64;
const random = 16;

/** A list of one vector of 64 bytes at 256; results go to 8; the path "file" is at 16. */
export const hostCalls: readonly HostCall[] = [
  {
    name: 'clock_time_get',
    count: 1_000_000,
    body: '(drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 8)))',
    budget: 102,
  },
  {
    name: 'random_get of 16 bytes',
    count: 1_000_000,
    body: `(drop (call $random_get (i32.const 1024) (i32.const ${random})))`,
    budget: 135,
  },
  {
    name: 'fd_pwrite of 64 bytes',
    count: 200_000,
    body: '(drop (call $fd_pwrite (global.get $file) (i32.const 256) (i32.const 1) (i64.const 0) (i32.const 8)))',
    budget: 1132,
  },
  {
    name: 'fd_write of 64 bytes',
    count: 200_000,
    body: '(drop (call $fd_write (global.get $file) (i32.const 256) (i32.const 1) (i32.const 8)))',
  },
  {
    name: 'fd_read of 64 bytes',
    count: 200_000,
    body: '(drop (call $fd_read (global.get $file) (i32.const 256) (i32.const 1) (i32.const 8)))',
  },
  {
    name: 'path_open + fd_close',
    count: 50_000,
    body: `(drop ${open('(i64.const 2)')}) (drop (call $fd_close (i32.load (i32.const 8))))`,
    budget: 3959,
  },
  {
    name: 'path_filestat_get',
    count: 50_000,
    body: '(drop (call $path_filestat_get (i32.const 3) (i32.const 1) (i32.const 16) (i32.const 4) (i32.const 2048)))',
  },
];

/** A command that makes the calls and writes to stdout how long they took, 64 bits of nanoseconds. */
export function hostCallModule(call: HostCall): string {
  return `(module
    ${importOf('clock_time_get', 'i32 i64 i32')}
    ${importOf('fd_close', 'i32')}
    ${importOf('fd_filestat_set_size', 'i32 i64')}
    ${importOf('fd_pwrite', 'i32 i32 i32 i64 i32')}
    ${importOf('fd_read', 'i32 i32 i32 i32')}
    ${importOf('fd_write', 'i32 i32 i32 i32')}
    ${importOf('path_filestat_get', 'i32 i32 i32 i32 i32')}
    ${importOf('path_open', 'i32 i32 i32 i32 i32 i64 i64 i32 i32')}
    ${importOf('random_get', 'i32 i32')}
    (memory (export "memory") 1)
    (data (i32.const 16) "file")
    (data (i32.const 256) "\\00\\10\\00\\00\\${size.toString(16)}\\00\\00\\00")
    (data (i32.const 512) "\\10\\02\\00\\00\\08\\00\\00\\00")
    (global $file (mut i32) (i32.const 0))
    (func $now (result i64)
      (drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 8)))
      (i64.load (i32.const 8)))
    (func $repeat (param $left i32)
      (loop $again
        ${call.body}
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
    (func (export "_start") (local $start i64)
      (drop ${open('(i64.const 4194406)', 1)})
      (global.set $file (i32.load (i32.const 8)))
      (drop (call $fd_filestat_set_size (global.get $file) (i64.const ${call.count * 2 * size})))
      (call $repeat (i32.const ${call.count / 10}))
      (local.set $start (call $now))
      (call $repeat (i32.const ${call.count}))
      (i64.store (i32.const 528) (i64.sub (call $now) (local.get $start)))
      (drop (call $fd_write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 8)))))`;
}

function importOf(name: string, parameters: string): string {
  return `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${parameters}) (result i32)))`;
}

function open(rights: string, flags = 0): string {
  return `(call $path_open (i32.const 3) (i32.const 1) (i32.const 16) (i32.const 4) (i32.const ${flags}) ${rights} (i64.const 0) (i32.const 0) (i32.const 8))`;
}
