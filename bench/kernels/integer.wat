;; Counts primes with trial division: integer arithmetic and branches.
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  (func $kernel (result i32)
    (local $n i32) (local $d i32) (local $primes i32)
    (local.set $n (i32.const 2))
    (loop $numbers
      (local.set $d (i32.const 2))
      (block $composite
        (loop $divisors
          (if (i32.le_u (i32.mul (local.get $d) (local.get $d)) (local.get $n))
            (then
              (br_if $composite (i32.eqz (i32.rem_u (local.get $n) (local.get $d))))
              (local.set $d (i32.add (local.get $d) (i32.const 1)))
              (br $divisors))))
        (local.set $primes (i32.add (local.get $primes) (i32.const 1))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $numbers (i32.lt_u (local.get $n) (i32.const 2500000))))
    (local.get $primes))

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
