export interface SendingModuleInit {
  readonly url: string;
  readonly method?: string;
  readonly headers?: string;
  readonly body?: string;
  /** The field whose value is written before the body; all fields without a name. */
  readonly field?: string;
  /** How often the request is sent, each response held open. @default 1 */
  readonly times?: number;
}

/**
 * A module that imports `wasi_experimental_http`: it sends a request and writes fields and the body of the response; ends with the status of HTTP less
 * 100, or with the error of the call that failed.
 */
export function sendingModule({
  url,
  method = 'GET',
  headers = '',
  body = '',
  field,
  times = 1,
}: SendingModuleInit) {
  const data = { url, method, headers, body, field: field ?? '' };
  let at = 1024;
  const places = Object.entries(data).map(([name, value]) => {
    const place = { name, at, size: Buffer.byteLength(value), value };
    at += place.size;
    return place;
  });
  const arg = (name: string) => {
    const place = places.find((each) => each.name === name);
    return `(i32.const ${place?.at}) (i32.const ${place?.size})`;
  };
  const fields =
    field === undefined
      ? '(call $all (i32.load (i32.const 4)) (i32.const 8192) (i32.const 8192) (i32.const 8))'
      : `(call $get (i32.load (i32.const 4)) ${arg('field')} (i32.const 8192) (i32.const 64) (i32.const 8))`;
  const hex = (value: string) =>
    [...Buffer.from(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return `(module
    (import "wasi_experimental_http" "req" (func $req (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_experimental_http" "close" (func $close (param i32) (result i32)))
    (import "wasi_experimental_http" "header_get" (func $get (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_experimental_http" "headers_get_all" (func $all (param i32 i32 i32 i32) (result i32)))
    (import "wasi_experimental_http" "body_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 2)
    ${places.map((place) => `(data (i32.const ${place.at}) "${hex(place.value)}")`).join('\n')}
    (func $must (param $error i32) (if (local.get $error) (then (call $exit (local.get $error)))))
    (func $print
      (i32.store (i32.const 16) (i32.const 8192))
      (i32.store (i32.const 20) (i32.load (i32.const 8)))
      (call $must (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
    (func (export "_start") (local $left i32)
      (local.set $left (i32.const ${times}))
      (loop $again
        (call $must (call $req ${arg('url')} ${arg('method')} ${arg('headers')} ${arg('body')} (i32.const 0) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (call $must ${fields})
      (call $print)
      (loop $more
        (call $must (call $read (i32.load (i32.const 4)) (i32.const 8192) (i32.const 4096) (i32.const 8)))
        (if (i32.load (i32.const 8)) (then (call $print) (br $more))))
      (call $must (call $close (i32.load (i32.const 4))))
      (if (i32.ne (call $read (i32.load (i32.const 4)) (i32.const 8192) (i32.const 1) (i32.const 8)) (i32.const 1))
        (then unreachable))
      (call $exit (i32.sub (i32.load16_u (i32.const 0)) (i32.const 100)))))`;
}
