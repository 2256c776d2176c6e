/** Guests in the text format of WebAssembly. */
export const guests = {
  /** Writes `hello` and exits with the given code. */
  hello: (exitCode: number) => `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
    (data (i32.const 16) "hello\\n")
    (func (export "_start")
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $exit (i32.const ${exitCode}))))`,

  /** Writes `hello` and sleeps for ten minutes. */
  sleep: `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
    (data (i32.const 16) "hello\\n")
    (func (export "_start")
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 1040) (i32.const 1))
      (i64.store (i32.const 1048) (i64.const 600000000000))
      (drop (call $poll (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 8)))))`,

  /** Waits for something to read, and exits with how many bytes it is told there are. */
  count: `(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (i32.store (i32.const 1032) (i32.const 1))
      (drop (call $poll (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 8)))
      (call $exit (i32.load (i32.const 2064)))))`,

  /** Runs into \`unreachable\` two calls deep. */
  trap: `(module
    (memory (export "memory") 1)
    (func $inner unreachable)
    (func $outer call $inner)
    (func (export "_start") call $outer))`,

  /** Loops for ever without a host call. */
  spin: `(module
    (memory (export "memory") 1)
    (func (export "_start") (loop $again (br $again))))`,

  /** Writes 1,000 lines of 99 characters. */
  chatter: `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00\\64\\00\\00\\00")
    (func (export "_start") (local $line i32)
      (memory.fill (i32.const 16) (i32.const 120) (i32.const 99))
      (i32.store8 (i32.const 115) (i32.const 10))
      (loop $again
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (local.set $line (i32.add (local.get $line) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $line) (i32.const 1000))))))`,

  /** Writes lines of 99 characters, 600 at a time, for ever. */
  flood: `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (data (i32.const 0) "\\10\\00\\00\\00\\60\\ea\\00\\00")
    (func (export "_start") (local $at i32)
      (memory.fill (i32.const 16) (i32.const 120) (i32.const 60000))
      (local.set $at (i32.const 115))
      (loop $lines
        (i32.store8 (local.get $at) (i32.const 10))
        (local.set $at (i32.add (local.get $at) (i32.const 100)))
        (br_if $lines (i32.lt_u (local.get $at) (i32.const 60016))))
      (loop $again
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br $again))))`,

  /** Copies its standard input to its standard output, a read at a time, and exits with 0. */
  echo: `(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 2)
    (data (i32.const 0) "\\10\\00\\00\\00\\00\\00\\01\\00")
    (func (export "_start") (local $errno i32)
      (loop $again
        (i32.store (i32.const 4) (i32.const 65536))
        (local.set $errno (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (if (local.get $errno) (then (call $exit (local.get $errno))))
        (if (i32.load (i32.const 8)) (then
          (i32.store (i32.const 4) (i32.load (i32.const 8)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (br $again))))))`,

  /** Writes its arguments, each with its terminating zero. */
  args: `(module
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (call $sizes (i32.const 0) (i32.const 4)))
      (drop (call $get (i32.const 32) (i32.const 1024)))
      (i32.store (i32.const 0) (i32.const 1024))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`,

  /** Writes its environment, each variable with its terminating zero. */
  environ: `(module
    (import "wasi_snapshot_preview1" "environ_sizes_get"
      (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (call $sizes (i32.const 0) (i32.const 4)))
      (drop (call $get (i32.const 32) (i32.const 1024)))
      (i32.store (i32.const 0) (i32.const 1024))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`,

  /** Opens the file `made` in the first mount to write it, making it, and exits with the errno. */
  create: `(module
    (import "wasi_snapshot_preview1" "path_open"
      (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "made")
    (func (export "_start")
      (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4)
        (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)))))`,

  /** Grows its memory to so many megabytes, writes to every page, and loops for ever. */
  touch: (megabytes: number) => `(module
    (memory (export "memory") 1)
    (func (export "_start") (local $at i32)
      (if (i32.eq (memory.grow (i32.const ${megabytes * 16 - 1})) (i32.const -1)) (then unreachable))
      (loop $pages
        (i32.store8 (local.get $at) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br_if $pages (i32.lt_u (local.get $at) (i32.const ${megabytes * 1024 * 1024}))))
      (loop $again (br $again))))`,

  /** Grows its memory by 16 pages at a time and traps when that fails. */
  greedy: `(module
    (memory (export "memory") 1)
    (func (export "_start")
      (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
      unreachable))`,

  /** Accepts a connection at descriptor 3, writes `hello` to it, and exits with the error number. */
  greeter: `(module
    (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_send"
      (func $send (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
    (data (i32.const 16) "hello\\n")
    (func (export "_start") (local $errno i32)
      (local.set $errno (call $accept (i32.const 3) (i32.const 0) (i32.const 32)))
      (if (local.get $errno) (then (call $exit (local.get $errno))))
      (call $exit (call $send
        (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8)))))`,

  /** Writes a question, twice three bytes without a newline, and loops for ever. */
  prompt: `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00\\13\\00\\00\\00\\03\\00\\00\\00")
    (data (i32.const 16) "name? ")
    (func (export "_start")
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 8)))
      (loop $again (br $again))))`,

  /** Imports what no host has. */
  unlinkable: `(module
    (import "env" "launch_missiles" (func))
    (memory (export "memory") 1)
    (func (export "_start")))`,

  /** Grows its memory by a page at a time until that fails, and exits with the pages, up to 255. */
  hungry: `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (call $exit (memory.size))))`,
} as const;
