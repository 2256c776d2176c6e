import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import type { Part } from '../abi/part.ts';
import { Interruption } from './interruption.ts';
import type { Running } from './running.ts';

/**
 * (module
 *   (import "host" "take" (func $take (param i32) (result i32 externref)))
 *   (import "guest" "destroy" (func $destroy (param i32)))
 *   (import "host" "leave" (func $leave (param externref)))
 *   (import "host" "fail" (func $fail (param externref)))
 *   (import "host" "escape" (func $escape))
 *   (import "host" "javascript" (tag $javascript (param externref)))
 *   (func (export "drop") (param i32) (local $call externref)
 *     (block $escaped
 *       (block $failed (result externref)
 *         (call $take (local.get 0))
 *         (local.set $call)
 *         (local.set 0)
 *         (if (ref.is_null (local.get $call)) (then (return)))
 *         (try_table (catch $javascript $failed) (catch_all $escaped)
 *           (call $destroy (local.get 0)))
 *         (call $leave (local.get $call))
 *         (return))
 *       (call $fail)
 *       unreachable)
 *     (call $escape)))
 */
const dropping = new WebAssembly.Module(
  Buffer.from(
    'AGFzbQEAAAABEgRgAX8Cf29gAX8AYAFvAGAAAAJXBgRob3N0BHRha2UAAAVndWVzdAdkZXN0cm95AAEEaG9zdAVsZWF2ZQACBGhvc3QEZmFpbAACBGhvc3QGZXNjYXBlAAMEaG9zdApqYXZhc2NyaXB0BAACAwIBAQcIAQRkcm9wAAUKMgEwAQFvAkACbyAAEAAhASEAIAHRBEAPCx9AAgAAAAIBIAAQAQsgARACDwsQAwALEAQL',
    'base64',
  ),
);

interface ResourceDropComponents {
  /** Gives up a handle. @returns what the resource stands for, undefined where it was only borrowed */
  readonly take: (handle: number) => number | undefined;
  readonly destroy: CoreFunction;
  /** The component that the destructor interrupts: whose it is, unless that drops the handle itself. */
  readonly interrupted: Part | undefined;
  readonly running: Running;
}

/** One call of the destructor. */
interface Destruction {
  readonly interruption: Interruption | undefined;
}

/**
 * The function that drops a handle of a resource with a destructor, which may wait for the host: a call of
 * the component that defines the resource, as the canonical ABI has it, of a function that is not `async`.
 * What the destructor throws has left that component in the middle.
 * See https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#canon-resourcedrop
 */
export function resourceDrop({
  take,
  destroy,
  interrupted,
  running,
}: ResourceDropComponents): WebAssembly.ExportValue {
  const begin = (handle: number): readonly [number, Destruction | null] => {
    running.mustBeSound();
    const representation = take(handle);
    if (representation === undefined) return [0, null];
    return [representation, { interruption: interrupted && new Interruption(interrupted) }];
  };
  const host = {
    take: (handle: number) => running.must(() => begin(handle)),
    leave: ({ interruption }: Destruction) => interruption?.end(),
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
