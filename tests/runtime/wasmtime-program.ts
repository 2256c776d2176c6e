import { findWasmtime } from '../../src/krustlet/containers/find-wasmtime.ts';
import type { TestEngine } from './test-containers.ts';

const wasmtime = await findWasmtime({ env: process.env });

/** What a spec says of the engine; without a path where this machine has no wasmtime. */
export const wasmtimeEngine: TestEngine = {
  engine: 'wasmtime',
  ...(wasmtime.kind === 'found' && { enginePath: wasmtime.path }),
};

/** Why tests of it are skipped; `false` where they need not be. */
export const noWasmtime =
  wasmtime.kind === 'missing' && `wasmtime: ${wasmtime.reason} (KRUSTLET_WASMTIME names it)`;
