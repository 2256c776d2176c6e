import type { CoreFunction } from '../abi/host-function.ts';

/**
 * (module
 *   (import "host" "request" (func $request (result i32)))
 *   (import "host" "outparam" (func $outparam (result i32)))
 *   (import "guest" "handle" (func $handle (param i32 i32)))
 *   (func (export "serve")
 *     (loop $again
 *       (call $handle (call $request) (call $outparam))
 *       (br $again))))
 */
const loop = new WebAssembly.Module(
  Buffer.from(
    'AGFzbQEAAAABDQNgAAF/YAJ/fwBgAAACLwMEaG9zdAdyZXF1ZXN0AAAEaG9zdAhvdXRwYXJhbQAABWd1ZXN0BmhhbmRsZQABAwIBAgcJAQVzZXJ2ZQADCg8BDQADQBAAEAEQAgwACws=',
    'base64',
  ),
);

interface Call {
  readonly outparam: number;
  readonly returned: () => void;
  readonly failed: (cause: unknown) => void;
}

/**
 * An instance's `wasi:http/incoming-handler`. What JSPI makes for a call that may be suspended, only
 * a collection of the whole heap removes again: half a kilobyte a request. So all calls but the
 * first are made from one loop, which is suspended in between. An instance that is used once is
 * spared the loop.
 */
export class RepeatedHandler {
  readonly #handle: CoreFunction;
  #isFirst = true;
  #call: Call | undefined;
  #wake: ((request: number) => void) | undefined;

  /** @param handle the core function */
  constructor(handle: CoreFunction) {
    this.#handle = handle;
  }

  /**
   * Resolves when the handler has returned; rejects when it has trapped or was cancelled, and is not
   * called again then.
   */
  async call(request: number, outparam: number): Promise<void> {
    if (this.#isFirst) {
      this.#isFirst = false;
      await WebAssembly.promising(this.#handle)(request, outparam);
      return;
    }
    if (this.#wake === undefined) this.#startLoop();
    await new Promise<void>((returned, failed) => {
      this.#call = { outparam, returned, failed };
      this.#wake?.(request);
    });
  }

  #startLoop(): void {
    // JSPI's wrapper may stand wherever a function may be imported, which the DOM types do not know.
    const request = new WebAssembly.Suspending(() => this.#next()) as unknown as CoreFunction;
    const host = { request, outparam: () => this.#call?.outparam ?? 0 };
    const { exports } = new WebAssembly.Instance(loop, { host, guest: { handle: this.#handle } });
    const serve = WebAssembly.promising(exports['serve'] as CoreFunction); // the module above
    serve().catch((cause: unknown) => this.#call?.failed(cause));
  }

  #next(): Promise<number> {
    this.#call?.returned();
    this.#call = undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
