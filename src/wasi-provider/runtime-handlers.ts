import type { EngineName, StartForm } from '../runtime/container-spec.ts';

/** How a RuntimeClass's handler has containers run. */
export interface RuntimeHandler {
  readonly engine: EngineName;
  readonly start: StartForm;
}

/** The handlers of this provider, by the name that a RuntimeClass uses; the empty one is the default. */
export const runtimeHandlers: Readonly<Record<string, RuntimeHandler>> = {
  '': { engine: 'v8', start: 'fork' },
  wasm: { engine: 'v8', start: 'fork' },
  'wasm-isolated': { engine: 'v8', start: 'exec' },
  wasmtime: { engine: 'wasmtime', start: 'fork' },
};
