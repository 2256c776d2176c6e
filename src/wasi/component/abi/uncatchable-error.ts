/** (module (func (export "trap") unreachable)) */
const { exports } = new WebAssembly.Instance(
  new WebAssembly.Module(Buffer.from('AGFzbQEAAAABBAFgAAADAgEABwgBBHRyYXAAAAoFAQMAAAs=', 'base64')),
);

/**
 * What no guest can catch. Whatever else JavaScript throws, a guest's `catch_all` catches, which
 * compilers put around everything that has a destructor: the guest would go on after its own end.
 * V8 marks WebAssembly's own traps, so this is one of them that has changed its class.
 */
export abstract class UncatchableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // biome-ignore lint/correctness/noConstructorReturn: only WebAssembly can make what this has to be
    return asTrap(this);
  }
}

function asTrap<E extends Error>(error: E): E {
  const trap = makeTrap();
  const { message, cause, stack } = error;
  Object.setPrototypeOf(trap, Object.getPrototypeOf(error));
  return Object.assign(trap, { message, stack }, 'cause' in error && { cause }) as E; // its class, by the line above
}

function makeTrap(): object {
  try {
    // The module above.
    (exports['trap'] as () => void)();
  } catch (thrown) {
    if (thrown instanceof WebAssembly.RuntimeError) return thrown;
    throw thrown;
  }
  throw new TypeError('Cannot make a trap: WebAssembly went on after one');
}
