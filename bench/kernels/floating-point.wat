;; Iterates the Mandelbrot set's formula over a grid: floating point.
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  (func $kernel (result i32)
    (local $row i32) (local $column i32) (local $step i32) (local $inside i32)
    (local $cx f64) (local $cy f64) (local $x f64) (local $y f64) (local $xx f64) (local $yy f64)
    (loop $rows
      (local.set $cy
        (f64.sub (f64.div (f64.convert_i32_u (local.get $row)) (f64.const 500)) (f64.const 1)))
      (local.set $column (i32.const 0))
      (loop $columns
        (local.set $cx
          (f64.sub
            (f64.div (f64.convert_i32_u (local.get $column)) (f64.const 500))
            (f64.const 1.5)))
        (local.set $x (f64.const 0))
        (local.set $y (f64.const 0))
        (local.set $step (i32.const 0))
        (block $outside
          (loop $steps
            (local.set $xx (f64.mul (local.get $x) (local.get $x)))
            (local.set $yy (f64.mul (local.get $y) (local.get $y)))
            (br_if $outside (f64.gt (f64.add (local.get $xx) (local.get $yy)) (f64.const 4)))
            (local.set $y
              (f64.add
                (f64.mul (f64.mul (f64.const 2) (local.get $x)) (local.get $y))
                (local.get $cy)))
            (local.set $x
              (f64.add (f64.sub (local.get $xx) (local.get $yy)) (local.get $cx)))
            (local.set $step (i32.add (local.get $step) (i32.const 1)))
            (br_if $steps (i32.lt_u (local.get $step) (i32.const 500))))
          (local.set $inside (i32.add (local.get $inside) (i32.const 1))))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $columns (i32.lt_u (local.get $column) (i32.const 1000))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $row) (i32.const 1000))))
    (local.get $inside))

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
