/**
 * A program to rehearse with: it asks the time, writes a line and waits for nothing. It draws no
 * random numbers: what a fork server draws, all of its containers would know.
 *
 * (module
 *   (import "wasi_snapshot_preview1" "fd_write"
 *     (func $fd_write (param i32 i32 i32 i32) (result i32)))
 *   (import "wasi_snapshot_preview1" "clock_time_get"
 *     (func $clock_time_get (param i32 i64 i32) (result i32)))
 *   (import "wasi_snapshot_preview1" "poll_oneoff"
 *     (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
 *   (memory (export "memory") 1)
 *   (data (i32.const 0) "\10\00\00\00\01\00\00\00")
 *   (data (i32.const 16) "\n")
 *   (func (export "_start")
 *     (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 24)))
 *     (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
 *     (i32.store (i32.const 40) (i32.const 1)) ;; a clock, due at 0
 *     (drop (call $poll_oneoff (i32.const 24) (i32.const 96) (i32.const 1) (i32.const 88)))))
 */
export const rehearsalModule = Buffer.from(
  'AGFzbQEAAAABEwNgBH9/f38Bf2ADf35/AX9gAAACcAMWd2FzaV9zbmFwc2hvdF9wcmV2aWV3MQhmZF93cml0ZQAAFndhc2lfc25h' +
    'cHNob3RfcHJldmlldzEOY2xvY2tfdGltZV9nZXQAARZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxC3BvbGxfb25lb2ZmAAADAgECBQMB' +
    'AAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAMKLAEqAEEAQgBBGBABGkEBQQBBAUEIEAAaQShBATYCAEEYQeAAQQFB2AAQAhoLCxQCAEEA' +
    'CwgQAAAAAQAAAABBEAsBCg==',
  'base64',
);
