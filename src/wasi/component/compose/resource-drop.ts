import type { CoreFunction } from '../abi/host-function.ts';

/**
 * (module
 *   (import "host" "take" (func $take (param i32) (result i32 i32)))
 *   (import "guest" "destroy" (func $destroy (param i32)))
 *   (func (export "drop") (param i32)
 *     (call $take (local.get 0))
 *     (if (param i32) (then (call $destroy)) (else (drop)))))
 */
const dropping = new WebAssembly.Module(
  Buffer.from(
    'AGFzbQEAAAABCwJgAX8Cf39gAX8AAh0CBGhvc3QEdGFrZQAABWd1ZXN0B2Rlc3Ryb3kAAQMCAQEHCAEEZHJvcAACCg8BDQAgABAABAEQAQUaCws=',
    'base64',
  ),
);

/**
 * The function that drops a handle of a resource with a destructor, which may wait.
 *
 * @param take gives up a handle; returns what the resource stands for, and 1 if that is to be destroyed
 */
export function resourceDrop(
  take: (handle: number) => readonly [representation: number, isOwned: 0 | 1],
  destroy: CoreFunction,
): WebAssembly.ExportValue {
  const imports = { host: { take }, guest: { destroy } };
  const dropped = new WebAssembly.Instance(dropping, imports).exports['drop'];
  if (dropped === undefined)
    throw new TypeError('Cannot drop resources: the module above is broken');
  return dropped;
}
