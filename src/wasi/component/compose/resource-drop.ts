import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import type { Running } from './running.ts';

/**
 * (module
 *   (import "host" "take" (func $take (param i32) (result i32 i32)))
 *   (import "guest" "destroy" (func $destroy (param i32)))
 *   (import "host" "fail" (func $fail (param externref)))
 *   (import "host" "escape" (func $escape))
 *   (import "host" "javascript" (tag $javascript (param externref)))
 *   (func (export "drop") (param i32)
 *     (block $escaped
 *       (block $failed (result externref)
 *         (call $take (local.get 0))
 *         (if (param i32)
 *           (then
 *             (local.set 0)
 *             (try_table (catch $javascript $failed) (catch_all $escaped)
 *               (call $destroy (local.get 0))))
 *           (else (drop)))
 *         (return))
 *       (call $fail)
 *       unreachable)
 *     (call $escape)))
 */
const dropping = new WebAssembly.Module(
  Buffer.from(
    'AGFzbQEAAAABEgRgAX8Cf39gAX8AYAFvAGAAAAJKBQRob3N0BHRha2UAAAVndWVzdAdkZXN0cm95AAEEaG9zdARmYWlsAAIEaG9zdAZlc2NhcGUAAwRob3N0CmphdmFzY3JpcHQEAAIDAgEBBwgBBGRyb3AABAooASYAAkACbyAAEAAEASEAH0ACAAABAgIgABABCwUaCw8LEAIACxADCw==',
    'base64',
  ),
);

/**
 * The function that drops a handle of a resource with a destructor, which may wait.
 *
 * What the destructor throws has left its component in the middle.
 *
 * @param take gives up a handle; returns what the resource stands for, and 1 if that is to be destroyed
 */
export function resourceDrop(
  take: (handle: number) => readonly [representation: number, isOwned: 0 | 1],
  destroy: CoreFunction,
  running: Running,
): WebAssembly.ExportValue {
  const host = {
    take,
    fail: (thrown: unknown) => running.fail(thrown),
    escape: () => running.fail(new GuestTrap('Cannot drop: an exception left the destructor')),
    javascript: WebAssembly.JSTag as unknown as WebAssembly.ImportValue,
  };
  const imports = { host, guest: { destroy } };
  const dropped = new WebAssembly.Instance(dropping, imports).exports['drop'];
  if (dropped === undefined)
    throw new TypeError('Cannot drop resources: the module above is broken');
  return dropped;
}
