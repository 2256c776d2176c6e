import type { CoreSource } from '../../../../wasi/component/link/link-plan.ts';
import type { PreparedComponent } from '../../../../wasi/component/prepared-component.ts';
import { rewriteForReset } from '../../../../wasi/component/rewrite/rewriter.ts';

/**
 * (module
 *   (import "wasi:http/types" "[method]incoming-request.method" (func $method (param i32 i32)))
 *   (import "wasi:http/types" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
 *   (import "wasi:http/types" "[method]incoming-request.headers" (func $headers (param i32) (result i32)))
 *   (import "wasi:http/types" "[method]fields.entries" (func $entries (param i32 i32)))
 *   (import "wasi:http/types" "[resource-drop]fields" (func $drop-fields (param i32)))
 *   (import "wasi:http/types" "[resource-drop]incoming-request" (func $drop-request (param i32)))
 *   (import "wasi:http/types" "[constructor]fields" (func $fields (result i32)))
 *   (import "wasi:http/types" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
 *   (import "wasi:http/types" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
 *   (import "wasi:http/types" "[method]outgoing-response.body" (func $body (param i32 i32)))
 *   (import "wasi:http/types" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
 *   (import "wasi:http/types" "[method]outgoing-body.write" (func $stream (param i32 i32)))
 *   (import "wasi:io/streams" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
 *   (import "wasi:io/streams" "[resource-drop]output-stream" (func $drop-stream (param i32)))
 *   (import "wasi:http/types" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
 *   (memory (export "memory") 2)
 *   (data (i32.const 64) "hellox")
 *   (global $free (mut i32) (i32.const 1024))
 *   (func (export "realloc") (param i32 i32 i32 i32) (result i32)
 *     (global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8))))
 *     (i32.sub (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -8))))
 *   (func (export "handle") (param $request i32) (param $out i32) (local $own i32)
 *     (call $method (local.get $request) (i32.const 0))
 *     (call $path (local.get $request) (i32.const 0))
 *     (local.set $own (call $headers (local.get $request)))
 *     (call $entries (local.get $own) (i32.const 0))
 *     (call $drop-fields (local.get $own))
 *     (call $drop-request (local.get $request))
 *     (local.set $own (call $fields))
 *     (call $append (local.get $own) (i32.const 69) (i32.const 1) (i32.const 64) (i32.const 5) (i32.const 0))
 *     (local.set $own (call $response (local.get $own)))
 *     (call $body (local.get $own) (i32.const 0))
 *     (call $set (local.get $out) (i32.const 0) (local.get $own) (i32.const 0) (i64.const 0)
 *       (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
 *     (local.set $own (i32.load (i32.const 4)))
 *     (call $stream (local.get $own) (i32.const 0))
 *     (call $write (i32.load (i32.const 4)) (i32.const 64) (i32.const 5) (i32.const 16))
 *     (call $drop-stream (i32.load (i32.const 4)))
 *     (call $finish (local.get $own) (i32.const 0) (i32.const 0) (i32.const 0))))
 */
const handler = Buffer.from(
  'AGFzbQEAAAABNwhgAn9/AGABfwF/YAF/AGAAAX9gBn9/f39/fwBgCX9/f39+f39/fwBgBH9/f38AYAR/f39/AX8C0QUPD3dhc2k6' +
    'aHR0cC90eXBlcx9bbWV0aG9kXWluY29taW5nLXJlcXVlc3QubWV0aG9kAAAPd2FzaTpodHRwL3R5cGVzKFttZXRob2RdaW5jb21p' +
    'bmctcmVxdWVzdC5wYXRoLXdpdGgtcXVlcnkAAA93YXNpOmh0dHAvdHlwZXMgW21ldGhvZF1pbmNvbWluZy1yZXF1ZXN0LmhlYWRl' +
    'cnMAAQ93YXNpOmh0dHAvdHlwZXMWW21ldGhvZF1maWVsZHMuZW50cmllcwAAD3dhc2k6aHR0cC90eXBlcxVbcmVzb3VyY2UtZHJv' +
    'cF1maWVsZHMAAg93YXNpOmh0dHAvdHlwZXMfW3Jlc291cmNlLWRyb3BdaW5jb21pbmctcmVxdWVzdAACD3dhc2k6aHR0cC90eXBl' +
    'cxNbY29uc3RydWN0b3JdZmllbGRzAAMPd2FzaTpodHRwL3R5cGVzFVttZXRob2RdZmllbGRzLmFwcGVuZAAED3dhc2k6aHR0cC90' +
    'eXBlcx5bY29uc3RydWN0b3Jdb3V0Z29pbmctcmVzcG9uc2UAAQ93YXNpOmh0dHAvdHlwZXMeW21ldGhvZF1vdXRnb2luZy1yZXNw' +
    'b25zZS5ib2R5AAAPd2FzaTpodHRwL3R5cGVzHVtzdGF0aWNdcmVzcG9uc2Utb3V0cGFyYW0uc2V0AAUPd2FzaTpodHRwL3R5cGVz' +
    'G1ttZXRob2Rdb3V0Z29pbmctYm9keS53cml0ZQAAD3dhc2k6aW8vc3RyZWFtcy5bbWV0aG9kXW91dHB1dC1zdHJlYW0uYmxvY2tp' +
    'bmctd3JpdGUtYW5kLWZsdXNoAAYPd2FzaTppby9zdHJlYW1zHFtyZXNvdXJjZS1kcm9wXW91dHB1dC1zdHJlYW0AAg93YXNpOmh0' +
    'dHAvdHlwZXMcW3N0YXRpY11vdXRnb2luZy1ib2R5LmZpbmlzaAAGAwMCBwAFAwEAAgYHAX8BQYAICwcdAwZtZW1vcnkCAAdyZWFs' +
    'bG9jAA8GaGFuZGxlABAKogECGgAjACADQQ9qQXhxaiQAIwAgA0EPakF4cWsLhAEBAX8gAEEAEAAgAEEAEAEgABACIQIgAkEAEAMg' +
    'AhAEIAAQBRAGIQIgAkHFAEEBQcAAQQVBABAHIAIQCCECIAJBABAJIAFBACACQQBCAEEAQQBBAEEAEApBBCgCACECIAJBABALQQQo' +
    'AgBBwABBBUEQEAxBBCgCABANIAJBAEEAQQAQDgsLDQEAQcAACwZoZWxsb3g=',
  'base64',
);

/**
 * A handler to rehearse with: it looks at its request and answers `hello`. Its imports are named as
 * the host names its functions.
 */
export function rehearsalComponent(): PreparedComponent {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(handler)).map((item) => ({
    module: item.module,
    name: item.name,
    source: sourceOf(item.module, item.name),
  }));
  const own = (name: string) => ({ kind: 'core', instance: 0, name }) as const;
  const handle = {
    interface: 'wasi:http/incoming-handler',
    function: 'handle',
    core: own('handle'),
    scope: 0,
    postReturn: undefined,
    abi: { kind: 'sync' },
  } as const;
  return {
    plan: {
      instances: [{ module: 0, imports }],
      scopes: [{ memory: own('memory'), realloc: own('realloc') }],
      exports: [handle],
    },
    modules: [{ index: 0, bytes: rewriteForReset(handler, { virtualGrowth: true }) }],
    isolation: { kind: 'reset' },
  };
}

function sourceOf(module: string, name: string): CoreSource {
  const dropped = /^\[resource-drop\](.*)$/.exec(name)?.[1];
  return dropped === undefined
    ? { kind: 'host', interface: module, function: name, scope: 0 }
    : { kind: 'drop', interface: module, resource: dropped };
}
