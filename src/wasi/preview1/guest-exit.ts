// (module (func (export "unwind") unreachable))
const unwindModule = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[7, 10, 1, 6, 117, 110, 119, 105, 110, 100, 0, 0, 10, 5, 1, 3, 0, 0, 11],
);

/**
 * The end that a guest asks for. It unwinds the guest with a trap of WebAssembly's own: a thrown
 * JavaScript value would be caught by a guest's `catch_all`, and C++ programs have one around
 * everything.
 */
export class GuestExit {
  /** What the guest has asked for, the number that `proc_exit` was called with. */
  code: number | undefined;
  readonly #unwind: () => never;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unwindModule));
    this.#unwind = exports.unwind as () => never; // the module above has nothing else
  }

  leave(code: number): never {
    this.code = code;
    return this.#unwind();
  }
}
