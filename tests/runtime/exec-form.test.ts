import { testContainerStarter } from '../contracts/container-starter.ts';
import { noWasmtime, wasmtimeEngine } from './wasmtime-program.ts';

testContainerStarter({ form: 'exec', engine: { engine: 'v8' } });
testContainerStarter({ form: 'exec', engine: wasmtimeEngine, skip: noWasmtime });
