;; Fills 64 MiB with a permutation and follows it: loads that miss the caches.
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1025)

  ;; Slot n holds (1664525 n + 1013904223) modulo 2^24: one cycle through all slots, behind the first page.
  (func $kernel (result i32)
    (local $n i32) (local $slot i32)
    (loop $fill
      (i32.store offset=65536
        (i32.shl (local.get $n) (i32.const 2))
        (i32.and
          (i32.add (i32.mul (local.get $n) (i32.const 1664525)) (i32.const 1013904223))
          (i32.const 0xffffff)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $fill (i32.lt_u (local.get $n) (i32.const 0x1000000))))
    (local.set $n (i32.const 0))
    (loop $follow
      (local.set $slot (i32.load offset=65536 (i32.shl (local.get $slot) (i32.const 2))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $follow (i32.lt_u (local.get $n) (i32.const 8000000))))
    (local.get $slot))

  ;; Writes how long the kernel took in nanoseconds and its result, both little-endian.
  (func (export "_start")
    (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 16)))
    (i32.store (i32.const 32) (call $kernel))
    (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 24)))
    (i64.store (i32.const 24)
      (i64.sub (i64.load (i32.const 24)) (i64.load (i32.const 16))))
    (i32.store (i32.const 0) (i32.const 24))
    (i32.store (i32.const 4) (i32.const 12))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
