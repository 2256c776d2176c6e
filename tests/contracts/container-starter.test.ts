import { noWasmtime, wasmtimeEngine } from '../runtime/wasmtime-program.ts';
import { testContainerStarter } from './container-starter.ts';

/* The exec form, which takes its time, has these cases in `tests/runtime/`. */

testContainerStarter({ form: 'fork', engine: { engine: 'v8' } });
testContainerStarter({ form: 'fork', engine: wasmtimeEngine, skip: noWasmtime });
