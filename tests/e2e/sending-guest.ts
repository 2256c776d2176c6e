/**
 * A module that sends a request as those for Krustlet 1 do, by `wasi_experimental_http` 0.6, and
 * prints `200 OK` where that is the answer.
 */
export function sendingGuest(url: string): string {
  return `(module
    (import "wasi_experimental_http" "req" (func $req
      (param $url i32) (param $urlSize i32) (param $method i32) (param $methodSize i32)
      (param $headers i32) (param $headersSize i32) (param $body i32) (param $bodySize i32)
      (param $status i32) (param $handle i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 32) "GET")
    (data (i32.const 48) "200 OK\\n")
    (data (i32.const 64) "${url}")
    (func $must (param $error i32) (if (local.get $error) (then (call $exit (local.get $error)))))
    (func (export "_start")
      (call $must (call $req
        (i32.const 64) (i32.const ${url.length}) (i32.const 32) (i32.const 3)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 4)))
      (if (i32.ne (i32.load16_u (i32.const 0)) (i32.const 200)) (then (call $exit (i32.const 100))))
      (i32.store (i32.const 16) (i32.const 48))
      (i32.store (i32.const 20) (i32.const 7))
      (call $must (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))))`;
}
