import type { ContractPrograms } from '../../src/kubelet/provider-contract.ts';

const imports = `
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)`;

/** Writes the text up to its NUL, and a newline, in one go. */
const writeLine = `
  (func $write_line (param $text i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $found (loop $next
      (br_if $found (i32.eqz (i32.load8_u (local.get $end))))
      (local.set $end (i32.add (local.get $end) (i32.const 1)))
      (br $next)))
    (i32.store8 (local.get $end) (i32.const 10))
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4)
      (i32.add (i32.sub (local.get $end) (local.get $text)) (i32.const 1)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store8 (local.get $end) (i32.const 0)))`;

/** The contract's programs in the text format of WebAssembly. */
export const contractGuests: Readonly<Record<keyof ContractPrograms, string>> = {
  hello: `(module ${imports} ${writeLine}
    (data (i32.const 64) "hello\\00")
    (func (export "_start") (call $write_line (i32.const 64))))`,
  fails: `(module ${imports} (func (export "_start") (call $exit (i32.const 3))))`,
  // The only variable is "WHO=": what follows its name is written.
  environment: `(module ${imports} ${writeLine}
    (func (export "_start")
      (drop (call $environ (i32.const 1024) (i32.const 2048)))
      (call $write_line (i32.add (i32.load (i32.const 1024)) (i32.const 4)))))`,
  echo: `(module ${imports} ${writeLine}
    (func (export "_start")
      (local $index i32)
      (drop (call $args_sizes (i32.const 16) (i32.const 20)))
      (drop (call $args (i32.const 1024) (i32.const 2048)))
      (block $done (loop $next
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br_if $done (i32.ge_u (local.get $index) (i32.load (i32.const 16))))
        (call $write_line
          (i32.load (i32.add (i32.const 1024) (i32.mul (local.get $index) (i32.const 4)))))
        (br $next)))))`,
  // Sleeps for an hour on the monotonic clock.
  forever: `(module ${imports}
    (func (export "_start")
      (i32.store (i32.const 144) (i32.const 1))
      (i64.store (i32.const 152) (i64.const 3600000000000))
      (drop (call $poll (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 512)))))`,
};
