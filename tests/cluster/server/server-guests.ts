/** Guests in the text format of WebAssembly, made for what the kubelet's API shows of them. */

const imports = `
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`;

/** A function that sleeps; it uses the memory from 131,072 on, which is the third page. */
function sleepFunction(milliseconds: number): string {
  return `(func $sleep
    (i32.store (i32.const 131088) (i32.const 1))
    (i64.store (i32.const 131096) (i64.const ${milliseconds * 1_000_000}))
    (drop (call $poll (i32.const 131072) (i32.const 132096) (i32.const 1) (i32.const 8))))`;
}

export interface CountingInit {
  readonly lines: number;
  /** Milliseconds between two lines. @default 0 */
  readonly pause?: number;
  /** Filling at the end of each line, in bytes. @default 0 */
  readonly padding?: number;
  /** @default 0 */
  readonly exitCode?: number;
}

/** Writes `line 000001`, `line 000002` and so on to stdout, and `done` to stderr at the end. */
export function counting(init: CountingInit): string {
  const { lines, pause = 0, padding = 0, exitCode = 0 } = init;
  const text = `line 000000${'.'.repeat(padding)}\\n`;
  const length = 'line 000000\n'.length + padding;
  const lastDigit = 64 + 'line 00000'.length;
  return `(module
    ${imports}
    (memory (export "memory") 3)
    (data (i32.const 64) "${text}")
    (data (i32.const 48) "done\\n")
    (func $count (local $at i32) (local $digit i32)
      (local.set $at (i32.const ${lastDigit}))
      (loop $carry
        (local.set $digit (i32.load8_u (local.get $at)))
        (if (i32.eq (local.get $digit) (i32.const 57))
          (then
            (i32.store8 (local.get $at) (i32.const 48))
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (br $carry)))
        (i32.store8 (local.get $at) (i32.add (local.get $digit) (i32.const 1)))))
    (func $say (param $fd i32) (param $text i32) (param $length i32)
      (i32.store (i32.const 0) (local.get $text))
      (i32.store (i32.const 4) (local.get $length))
      (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
    ${sleepFunction(pause)}
    (func (export "_start") (local $line i32)
      (loop $again
        (call $count)
        (call $say (i32.const 1) (i32.const 64) (i32.const ${length}))
        ${pause > 0 ? '(call $sleep)' : ''}
        (local.set $line (i32.add (local.get $line) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $line) (i32.const ${lines}))))
      (call $say (i32.const 2) (i32.const 48) (i32.const 5))
      (call $exit (i32.const ${exitCode}))))`;
}

/** Says `ready` and waits for ever. */
export const waiting = `(module
  ${imports}
  (memory (export "memory") 3)
  (data (i32.const 64) "ready\\n")
  ${sleepFunction(1000)}
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (loop $idle (call $sleep) (br $idle))))`;

/** Takes all the processor time that it gets. */
export const spinning = `(module
  (memory (export "memory") 1)
  (func (export "_start") (loop $again (br $again))))`;

/** Copies stdin to stdout until its end, and ends. */
export const echoingOnce = echo('(call $exit (i32.const 0))');

/** Copies stdin to stdout until its end, then waits for ever. */
export const echoing = echo('(loop $idle (call $sleep) (br $idle))');

function echo(atTheEnd: string): string {
  return `(module
    ${imports}
    (memory (export "memory") 3)
    ${sleepFunction(1000)}
    (func (export "_start")
      (loop $more
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 65536))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
        (br_if $more (i32.load (i32.const 8))))
      ${atTheEnd}))`;
}
